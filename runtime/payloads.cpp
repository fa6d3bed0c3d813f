// Transactions on the ledger itself: parties, accounts, money, modules, the date.
#include "runtime/core.hpp"
#include "runtime/parameters.hpp"
#include "runtime/rights.hpp"

#include "vm/bytecode/encode.hpp"
#include "vm/bytecode/limits.hpp"

#include <algorithm>

namespace tally {
namespace {

Trap refuse(Receipt& receipt, Trap trap, std::string note) {
    receipt.note = std::move(note);
    return trap;
}

} // namespace

bool Core::has_role(const Transaction& tx, Role role) const {
    return std::any_of(tx.signers.begin(), tx.signers.end(), [&](PartyId id) {
        const auto party = state_.party(id);
        return party && (party->roles & role) != 0;
    });
}

Trap Core::apply_payload(const Transaction& tx, const OpenAccount& open, Receipt& receipt) {
    if (!currency_by_code(open.currency))
        return refuse(receipt, Trap::BadArgument, "no such currency");
    const PartyId owner = open.owner != 0 ? open.owner : tx.signers[0];
    if (!acts(owner)) return refuse(receipt, Trap::NotAuthorised, "the owner of the account");
    if (is_board(owner)) return refuse(receipt, Trap::BadArgument, "officers hold no money: the house does");
    const Bytes key = keys::account_of(owner, open.currency);
    if (journal_.has(key))
        return refuse(receipt, Trap::AlreadyExists, "one account per party and currency");
    receipt.created = state_.take_number(keys::Meta::accounts);
    state_.put_account(receipt.created, {owner, open.currency, 0});
    state_.put_number(key, receipt.created);
    state_.enter_in_book(owner, {BookEntry::Kind::Account, receipt.created});
    return Trap::None;
}

Trap Core::apply_payload(const Transaction&, const Issue& issue, Receipt& receipt) {
    const auto account = state_.account(issue.account);
    if (!account) return Trap::NoSuchAccount;
    const PartyId issuer = state_.number_at(keys::issuer(account->currency)).value_or(0);
    if (!acts(issuer))
        return refuse(receipt, Trap::NotAuthorised,
                      "the issuer of " + currency_name(account->currency));
    if (issue.amount <= 0 || issue.amount > money_max) return Trap::BadArgument;
    Assets assets(state_);
    if (const Trap trap = assets.issue(issue.account, issue.amount); trap != Trap::None)
        return trap;
    assets.settle();
    return Trap::None;
}

Trap Core::apply_payload(const Transaction&, const Retire& retire, Receipt& receipt) {
    const auto account = state_.account(retire.account);
    if (!account) return Trap::NoSuchAccount;
    const PartyId issuer = state_.number_at(keys::issuer(account->currency)).value_or(0);
    if (!acts(issuer) || account->owner != issuer)
        return refuse(receipt, Trap::NotAuthorised, "the issuer, out of an account of its own");
    if (retire.amount <= 0 || retire.amount > money_max) return Trap::BadArgument;
    Assets assets(state_);
    if (const Trap trap = assets.retire(retire.account, retire.amount); trap != Trap::None)
        return trap;
    assets.settle();
    return Trap::None;
}

Trap Core::apply_payload(const Transaction&, const Pay& pay, Receipt& receipt) {
    const auto from = state_.account(pay.from), to = state_.account(pay.to);
    if (!from || !to) return Trap::NoSuchAccount;
    if (!acts(from->owner))
        return refuse(receipt, Trap::NotAuthorised,
                      "the owner of account " + std::to_string(pay.from));
    if (from->currency != to->currency) return Trap::WrongCurrency;
    if (pay.amount <= 0 || pay.amount > money_max) return Trap::BadArgument;
    Assets assets(state_);
    Holding holding = 0;
    Trap trap = assets.from_account(pay.from, pay.amount, holding);
    if (trap == Trap::None) trap = assets.to_account(pay.to, holding);
    if (trap == Trap::None) assets.settle();
    return trap;
}

Trap Core::apply_payload(const Transaction& tx, const Advance& advance, Receipt& receipt) {
    if (!has_role(tx, role_clock))
        return refuse(receipt, Trap::NotAuthorised, "a keeper of the clock");
    const bool ahead = advance.to > today() && advance.to > state_.meta(keys::Meta::target);
    if (!ahead || !date_valid(advance.to))
        return refuse(receipt, Trap::BadArgument, "the date moves forward only");
    if (shared() && advance.to - today() > limits::advance_days)
        return refuse(receipt, Trap::BadArgument, "at most " + std::to_string(limits::advance_days) + " days at a time: the date never goes back");
    state_.set_meta(keys::Meta::target, advance.to);
    return Trap::None;
}

// ---- modules ------------------------------------------------------------------------------------

Trap Core::check_imports(const Code& code, std::string& note) const {
    const Module& module = code.program->module;
    for (std::uint32_t i = 0; i < module.imports.size(); ++i) {
        const Import& import = module.imports[i];
        note = "import `" + import.module + "." + import.contract + "." + import.entry + "`";
        const bool own = import.module.empty() || import.module == module.name;
        const auto hash = own ? std::nullopt : state_.latest_code(import.module);
        if (!own && !hash) return Trap::NoSuchEntry;
        const CodePtr other = own ? nullptr : state_.code(*hash);
        const Code::Target target = resolve(code, i, own ? code : *other);
        if (target.entry == none) return Trap::NoSuchEntry;
    }
    return Trap::None;
}

/// The module made ready; on null the note says why not.
CodePtr Core::read_module(const Bytes& bytes, const Hash& hash, std::string& note) const {
    if (CodePtr known = state_.code(hash)) return known; // read, verified, and not in this ledger
    auto module = decode(bytes);
    if (const auto* error = std::get_if<ModuleError>(&module)) {
        note = error->what;
        return nullptr;
    }
    auto code = state_.ready(std::move(std::get<Module>(module)), hash);
    if (const auto* error = std::get_if<VerifyError>(&code)) {
        note = error->what;
        if (error->function != none) note += " in function " + std::to_string(error->function);
        return nullptr;
    }
    return std::get<0>(code);
}

Trap Core::apply_payload(const Transaction& tx, const Deploy& deploy, Receipt& receipt) {
    std::string& note = receipt.note;
    if (!shared() && (!has_role(tx, role_deployer) || deploy.mandate != 0))
        return refuse(receipt, Trap::NotAuthorised, "a deployer deploys");
    if (deploy.module.size() > limits::module_bytes)
        return refuse(receipt, Trap::LimitExceeded, "the module is too large");
    const Hash hash = module_hash(deploy.module);
    if (state_.deployed(hash))
        return refuse(receipt, Trap::AlreadyExists, "this module is deployed");
    const CodePtr code = read_module(deploy.module, hash, note);
    if (code == nullptr) return Trap::MalformedInput;
    const Module& module = code->program->module;
    if (module.name.empty())
        return refuse(receipt, Trap::MalformedInput, "a module without a name");
    // A name and version stand for one code: nobody can slip other code under them.
    if (const auto latest = state_.latest_code(module.name);
        latest && state_.code(*latest)->program->module.version >= module.version && !tests_allowed_)
        return refuse(receipt, Trap::AlreadyExists,
                      module.name + " version " + std::to_string(module.version) +
                          " or later is deployed: raise the version");
    if (!module.tests.empty() && !tests_allowed_)
        return refuse(receipt, Trap::MalformedInput, "a module with tests cannot be deployed");
    if (too_large(*code))
        return refuse(receipt, Trap::LimitExceeded, "a contract needs too much memory");
    if (const Trap trap = check_imports(*code, note); trap != Trap::None) return trap;
    note.clear();
    const auto what = state_.latest_code(module.name) ? DecisionClass::Upgrade : DecisionClass::Deploy;
    if (shared())
        if (const Trap trap = enact(tx, deploy.mandate, what, hash, receipt); trap != Trap::None) return trap;
    state_.put_code(code, deploy.module);
    receipt.code = hash;
    return Trap::None;
}

// ---- a transaction as a whole -------------------------------------------------------------------

Receipt Core::run_payload(const Transaction& tx) {
    Receipt receipt;
    const Mark before = mark();
    receipt.trap = check_signers(tx, receipt.note);
    if (receipt.trap == Trap::None) receipt.trap = check_pause(tx, receipt.note);
    if (receipt.trap == Trap::None)
        receipt.trap = std::visit(
            [&](const auto& payload) {
                using P = std::decay_t<decltype(payload)>;
                if constexpr (std::is_same_v<P, Create> || std::is_same_v<P, Call>) {
                    receipt = run_transaction(tx, payload);
                    return receipt.trap;
                } else if constexpr (std::is_same_v<P, Batch>) {
                    receipt = run_batch(tx, payload);
                    return receipt.trap;
                } else {
                    const Trap trap = apply_payload(tx, payload, receipt);
                    if (trap != Trap::None) go_back(before);
                    if (trap != Trap::None) receipt.events.clear();
                    return trap;
                }
            },
            tx.payload);
    return receipt;
}

Receipt Core::apply(const Transaction& tx) {
    if (auto first = receipt_of(tx.intent)) return std::move(*first);
    const bool in_time = tx.expiry >= height_ && tx.expiry - height_ <= static_cast<u64>(state_.parameter(Parameter::ExpiryBlocks));
    if (!in_time) {
        // Not remembered: after its expiry an intent is gone for good, and so is its answer.
        Receipt receipt;
        receipt.trap = Trap::LimitExceeded;
        receipt.note = plain_note(receipt.trap, "the expiry height");
        return receipt;
    }
    Receipt receipt = run_payload(tx);
    const bool contracts = std::holds_alternative<Create>(tx.payload) || std::holds_alternative<Call>(tx.payload) || std::holds_alternative<Batch>(tx.payload);
    if (receipt.trap != Trap::None && !(contracts && !receipt.note.empty())) {
        receipt.note = plain_note(receipt.trap, receipt.note);
        receipt.created = 0;
    }
    remember(tx, receipt);
    journal_.settle();
    return receipt;
}

} // namespace tally
