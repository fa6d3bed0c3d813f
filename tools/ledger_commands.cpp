// `tally keys | enrol | account | issue | pay | deploy | create | call | advance`: what changes a
// ledger. The questions are in ledger_queries.cpp.
#include "tools/commands.hpp"

#include "node/arguments.hpp"
#include "node/files.hpp"
#include "node/genesis.hpp"
#include "node/identity/certificate.hpp"
#include "runtime/certificates.hpp"
#include "runtime/json_text.hpp"
#include "runtime/rights.hpp"
#include "tools/ledger_queries.hpp"
#include "vm/bytecode/limits.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <fstream>
#include <sstream>

namespace tally {
namespace {

NodeError bad(std::string detail) { return {NodeCode::BadInput, std::move(detail)}; }

/// What the commands below are told, one field for each option.
struct Asked : LedgerOptions {
    std::string name, key, currency, amount, module, contract, entry, date, arguments = "{}";
    std::vector<std::string> roles, issuer_of, cash;
    u64 account = 0, to = 0, parent = 0, instance = 0, payout = 0;
    std::string file, card, institution, certificates, scheme = "ed25519", party;
    u64 until = 0, owner = 0, mandate = 0;
    bool all = false;
};
using AskedPtr = std::shared_ptr<Asked>;
using Make = Result<Payload> (*)(LedgerSession&, const Asked&);

int run(const Asked& asked, Make make) {
    return send_transaction(asked, [&](LedgerSession& session) { return make(session, asked); });
}

// ---- keys ---------------------------------------------------------------------------------------

int new_key(const std::string& folder, const std::string& name, const std::string& scheme_name) {
    const auto scheme = scheme_by_name(scheme_name);
    if (!scheme) return complain(bad("--scheme is ed25519, p256 or sm2"));
    // The name becomes a file's: it must not lead out of the folder.
    if (name.empty() || name[0] == '.' || name.find('/') != std::string::npos)
        return complain(bad("a key's name is not empty, has no `/` and does not begin with a dot"));
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    const KeySeed seed = random_seed();
    const std::string path = folder + "/" + name + ".key";
    if (const auto problem = write_new_file(path, (*scheme == SignatureScheme::Ed25519 ? "" : scheme_name + ":") + hex(seed) + "\n", 0600))
        return complain(*problem);
    fmt::print("{}\n", key_text(signing_key(seed, *scheme).public_key));
    return 0;
}

int key_card(const std::string& folder, const std::string& file, const std::string& chain, const std::string& name) {
    const auto key = read_key(folder, file);
    if (!key) return complain(key.error());
    const Signature proof = sign(*key, key_proof_hash(chain, name, key->public_key));
    fmt::print("{}\n", JsonObject().text("name", name).text("key", key_text(key->public_key)).text("proof", hex(proof)).done());
    return 0;
}

int key_request(const std::string& folder, const std::string& file, const std::string& common_name) {
    const auto key = read_key(folder, file);
    if (!key) return complain(key.error());
    const auto request = certificate_request(*key, common_name.empty() ? file : common_name);
    if (!request) return complain(request.error());
    fmt::print("{}", *request);
    return 0;
}

int key_pem(const std::string& folder, const std::string& file, const std::string& out) {
    const auto key = read_key(folder, file);
    if (!key) return complain(key.error());
    const auto pem = private_key_pem(*key);
    if (!pem) return complain(pem.error());
    const auto problem = write_new_file(out, *pem, 0600);
    return problem ? complain(*problem) : 0;
}

// ---- payloads -----------------------------------------------------------------------------------

struct Card {
    std::string name;
    VerifyKey key;
    Signature proof{};
};

Result<Card> read_card(const std::string& path) {
    const auto text = read_file(path, 64 * 1024);
    if (!text) return text.error();
    const auto json = parse_json(*text);
    const auto key = json ? key_from_text(text_in(*json, "key")) : std::nullopt;
    Card out;
    Bytes proof;
    if (!key || !unhex(text_in(*json, "proof"), proof) || proof.size() != out.proof.size()) return bad(path + " is not what `tally keys card` prints");
    out.name = text_in(*json, "name");
    out.key = *key;
    std::copy(proof.begin(), proof.end(), out.proof.begin());
    return out;
}

/// Checked here already: who shows them can mend them.
Result<Bytes> read_certificates(const std::string& path, const VerifyKey& key) {
    if (path.empty()) return Bytes{};
    const auto text = read_file(path, 1U << 20);
    if (!text) return text.error();
    const auto chain = certificates_from_pem(*text);
    if (!chain) return chain.error();
    const std::vector<ByteView> views(chain->begin(), chain->end());
    if (auto problem = check_certificates(views, key)) return *problem;
    return encode_certificates(*chain);
}

Result<InstitutionId> institution_called(LedgerSession& session, const std::string& name) {
    const auto answer = session.client().get("/v1/institutions/" + url_escaped(name));
    if (!answer) return answer.error();
    const Json* const found = answer->member("institution");
    if (found == nullptr) return NodeError{NodeCode::BadAnswer, {}};
    return InstitutionId{number_in(*found, "id")};
}

Problem read_person(LedgerSession& session, const Asked& asked, Enrol& enrol) {
    if (asked.institution.empty()) return bad("--institution names whose person it is");
    const auto card = read_card(asked.card);
    if (!card) return card.error();
    const auto institution = institution_called(session, asked.institution);
    if (!institution) return institution.error();
    auto certificates = read_certificates(asked.certificates, card->key);
    if (!certificates) return certificates.error();
    enrol.name = card->name;
    enrol.key = card->key;
    enrol.proof = card->proof;
    enrol.institution = *institution;
    enrol.until = asked.until;
    enrol.certificates = std::move(*certificates);
    return std::nullopt;
}

Result<Payload> make_enrol(LedgerSession& session, const Asked& asked) {
    Enrol enrol;
    enrol.name = asked.name;
    if (!asked.card.empty()) {
        if (auto problem = read_person(session, asked, enrol)) return *problem;
    } else {
        const auto key = key_from_text(asked.key);
        if (!key || asked.name.empty()) return bad("--card FILE, or on a ledger without institutions --name and --key, as `tally keys new` prints it");
        enrol.key = *key;
    }
    for (const std::string& name : asked.roles) {
        const auto role = role_by_name(name);
        if (!role)
            return bad("there is no role `" + name + "`: officer, maker, checker, auditor, operator, regulator; without institutions registrar, deployer, clock, auditor");
        enrol.roles |= *role;
    }
    for (const std::string& name : asked.issuer_of) {
        const auto currency = currency_by_name(name);
        if (!currency) return bad("there is no currency `" + name + "`");
        enrol.issuer_of.push_back(currency->code);
    }
    return Payload{enrol};
}

Result<Payload> make_rotate(LedgerSession& session, const Asked& asked) {
    const auto card = read_card(asked.card);
    if (!card) return card.error();
    const auto party = session.party(card->name);
    if (!party) return party.error();
    auto certificates = read_certificates(asked.certificates, card->key);
    if (!certificates) return certificates.error();
    return Payload{Rotate{*party, card->key, asked.until, card->proof, std::move(*certificates)}};
}

Result<Payload> make_revoke(LedgerSession& session, const Asked& asked) {
    const auto party = session.party(asked.party);
    if (!party) return party.error();
    return Payload{Revoke{*party}};
}

Result<Payload> make_open_account(LedgerSession& session, const Asked& asked) {
    const auto currency = currency_by_name(asked.currency);
    if (!currency) return bad("there is no currency `" + asked.currency + "`");
    if (asked.party.empty()) return Payload{OpenAccount{currency->code}};
    const auto owner = session.party(asked.party);
    if (!owner) return owner.error();
    return Payload{OpenAccount{currency->code, *owner}};
}

Result<Payload> make_issue(LedgerSession& session, const Asked& asked) {
    const auto currency = session.currency_of_account(asked.account);
    if (!currency) return currency.error();
    if (!asked.currency.empty() && asked.currency != currency_name(*currency))
        return bad(fmt::format("account {} holds {}", asked.account, currency_name(*currency)));
    const auto amount = session.amount_for(asked.account, asked.amount);
    if (!amount) return amount.error();
    return Payload{Issue{asked.account, *amount}};
}

Result<Payload> make_retire(LedgerSession& session, const Asked& asked) {
    const auto amount = session.amount_for(asked.account, asked.amount);
    if (!amount) return amount.error();
    return Payload{Retire{asked.account, *amount}};
}

Result<Payload> make_pay(LedgerSession& session, const Asked& asked) {
    const auto amount = session.amount_for(asked.account, asked.amount);
    if (!amount) return amount.error();
    return Payload{Pay{asked.account, asked.to, *amount}};
}

Result<Payload> make_deploy(LedgerSession&, const Asked& asked) {
    const auto bytes = read_file(asked.module, limits::module_bytes);
    if (!bytes) return bytes.error();
    return Payload{Deploy{to_bytes(*bytes)}};
}

Result<Payload> make_create(LedgerSession& session, const Asked& asked) {
    const auto program = session.program(asked.module);
    if (!program) return program.error();
    Create create;
    create.code = (*program)->hash;
    create.contract = asked.contract;
    create.parent = asked.parent;
    const Contract* const contract = find_contract((*program)->module, asked.contract);
    if (contract == nullptr) return bad("the module has no contract `" + asked.contract + "`");
    const Entry* made = nullptr;
    for (const Entry& entry : contract->entries)
        if (entry.kind == EntryKind::Create) made = &entry;
    if (made == nullptr) return bad("`" + asked.contract + "` cannot be created");
    CurrencyCode currency = 0;
    if (!asked.currency.empty()) {
        const auto known = currency_by_name(asked.currency);
        if (!known) return bad("there is no currency `" + asked.currency + "`");
        create.currency = currency = known->code;
    } else if (asked.parent != 0) {
        const auto parent = session.instance(asked.parent);
        if (!parent) return parent.error();
        currency = parent->currency;
    }
    auto arguments = encode_arguments(**program, *made, asked.arguments, money_exponent(currency),
                                      session.party_lookup());
    if (!arguments) return arguments.error();
    create.arguments = std::move(*arguments);
    auto cash = session.cash(asked.cash);
    if (!cash) return cash.error();
    create.cash = std::move(*cash);
    return Payload{std::move(create)};
}

Result<Payload> make_call(LedgerSession& session, const Asked& asked) {
    auto arguments = arguments_for(session, asked.instance, asked.entry, asked.arguments);
    if (!arguments) return arguments.error();
    auto cash = session.cash(asked.cash);
    if (!cash) return cash.error();
    Call call;
    call.instance = asked.instance;
    call.entry = asked.entry;
    call.arguments = std::move(*arguments);
    call.cash = std::move(*cash);
    call.payout = asked.payout;
    return Payload{std::move(call)};
}

/// One call a line: INSTANCE ENTRY ARGUMENTS.
Result<Payload> make_batch(LedgerSession& session, const Asked& asked) {
    std::ifstream in(asked.file);
    if (!in) return bad("cannot read " + asked.file);
    Batch batch;
    batch.all = asked.all;
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (line.find_first_not_of(" \t\r") == std::string::npos || line[0] == '#') continue;
        std::istringstream words(line);
        Call call;
        std::string json;
        if (!(words >> call.instance >> call.entry)) return bad(asked.file + ":" + std::to_string(number) + ": expected INSTANCE ENTRY ARGUMENTS");
        std::getline(words, json);
        if (json.find_first_not_of(" \t\r") == std::string::npos) json = "{}";
        auto arguments = arguments_for(session, call.instance, call.entry, json);
        if (!arguments) return bad(asked.file + ":" + std::to_string(number) + ": " + arguments.error().detail);
        call.arguments = std::move(*arguments);
        batch.items.emplace_back(std::move(call));
    }
    if (batch.items.empty()) return bad(asked.file + " holds no call");
    return Payload{std::move(batch)};
}

Result<Payload> make_advance(LedgerSession&, const Asked& asked) {
    const auto date = date_parse(asked.date);
    if (!date) return bad("--to takes a date such as 2026-03-31");
    return Payload{Advance{*date}};
}

// ---- the commands -------------------------------------------------------------------------------

/// A command that sends one transaction.
CLI::App* transaction(CLI::App& app, const AskedPtr& asked, const char* name, const char* help,
                      Make make) {
    CLI::App* const command = app.add_subcommand(name, help);
    add_connection(*command, *asked);
    command->add_option("--keys", asked->keys, "folder of the keys")->capture_default_str();
    command->add_option("--as", asked->signers, "who signs")->delimiter(',')->allow_extra_args(false)->required();
    command->add_option("--intent", asked->intent,
                        "32 hexadecimal digits: sent twice, it counts once");
    command->add_option("--gas", asked->gas_limit, "gas limit");
    command->add_option("--draft", asked->draft, "write it to this file instead of sending it: others sign it with `tally sign`, somebody sends it with `tally send`");
    command->callback([asked, make] { throw CLI::RuntimeError(run(*asked, make)); });
    return command;
}

void add_keys(CLI::App& app, const AskedPtr& asked) {
    CLI::App* const keys = app.add_subcommand("keys", "keys that sign");
    keys->require_subcommand(1);
    CLI::App* const made = keys->add_subcommand("new", "make one; prints its public half");
    made->add_option("NAME", asked->name, "of the file: NAME.key")->required();
    made->add_option("--dir,--keys", asked->keys, "folder of the keys")->capture_default_str();
    made->callback([asked] { throw CLI::RuntimeError(new_key(asked->keys, asked->name, asked->scheme)); });
    made->add_option("--scheme", asked->scheme, "ed25519, p256 or sm2")->capture_default_str();

    CLI::App* const request = keys->add_subcommand("request", "a request for a certificate (PKCS #10), for your institution's authority; to the standard output");
    request->add_option("NAME", asked->name, "of the file: NAME.key")->required();
    request->add_option("--subject", asked->party, "the common name, if it is not the file's");
    request->add_option("--dir,--keys", asked->keys, "folder of the keys")->capture_default_str();
    request->callback([asked] { throw CLI::RuntimeError(key_request(asked->keys, asked->name, asked->party)); });

    CLI::App* const pem = keys->add_subcommand("pem", "the key as PEM, for --tls-key");
    pem->add_option("NAME", asked->name, "of the file: NAME.key")->required();
    pem->add_option("--out", asked->file, "a new file, readable by you only")->required();
    pem->add_option("--dir,--keys", asked->keys, "folder of the keys")->capture_default_str();
    pem->callback([asked] { throw CLI::RuntimeError(key_pem(asked->keys, asked->name, asked->file)); });

    CLI::App* const card = keys->add_subcommand("card", "what others need to enrol the key: its public half, and a proof that you have the other; to the standard output");
    card->add_option("NAME", asked->name, "of the file: NAME.key")->required();
    card->add_option("--chain", asked->party, "the ledger's name")->required();
    card->add_option("--name", asked->key, "the party's name on the ledger, if it is not the file's");
    card->add_option("--dir,--keys", asked->keys, "folder of the keys")->capture_default_str();
    card->callback([asked] { throw CLI::RuntimeError(key_card(asked->keys, asked->name, asked->party, asked->key.empty() ? asked->name : asked->key)); });
}

void add_money(CLI::App& app, const AskedPtr& asked) {
    CLI::App* const account = app.add_subcommand("account", "accounts");
    account->require_subcommand(1);
    CLI::App* const open = transaction(
        *account, asked, "open", "open the signer's account in a currency", make_open_account);
    open->add_option("--currency", asked->currency, "such as USD")->required();
    open->add_option("--owner", asked->party, "of a house, whose maker and checker sign; the first signer if it is not named");

    CLI::App* const issue =
        transaction(app, asked, "issue", "issue money into an account", make_issue);
    issue->add_option("--account", asked->account, "its number")->required();
    issue->add_option("--amount", asked->amount, "such as 100.00")->required();
    issue->add_option("--currency", asked->currency, "checked against the account's");

    CLI::App* const retire =
        transaction(app, asked, "retire", "take money out of being", make_retire);
    retire->add_option("--account", asked->account, "the issuer's own")->required();
    retire->add_option("--amount", asked->amount, "such as 100.00")->required();

    CLI::App* const pay =
        transaction(app, asked, "pay", "pay from one account into another", make_pay);
    pay->add_option("--from", asked->account, "the signer's account")->required();
    pay->add_option("--to", asked->to, "an account of the same currency")->required();
    pay->add_option("--amount", asked->amount, "such as 100.00")->required();
}

void add_contracts(CLI::App& app, const AskedPtr& asked) {
    CLI::App* const deploy =
        transaction(app, asked, "deploy", "put a module on the ledger", make_deploy);
    deploy->add_option("MODULE_FILE", asked->module, "made by `tally build`")->required();

    CLI::App* const create =
        transaction(app, asked, "create", "create an instance of a contract", make_create);
    create->add_option("MODULE", asked->module, "its name or hash")->required();
    create->add_option("CONTRACT", asked->contract, "its name")->required();
    create->add_option("ARGUMENTS", asked->arguments, "JSON, by parameter")->capture_default_str();
    create->add_option("--parent", asked->parent, "the parent instance");
    create->add_option("--currency", asked->currency, "of a contract with a currency of its own");
    create->add_option("--cash", asked->cash, "ACCOUNT:AMOUNT, once for each Cash parameter")->allow_extra_args(false);

    CLI::App* const call =
        transaction(app, asked, "call", "call an action of an instance", make_call);
    call->add_option("INSTANCE", asked->instance, "its number")->required();
    call->add_option("ENTRY", asked->entry, "the action")->required();
    call->add_option("ARGUMENTS", asked->arguments, "JSON, by parameter")->capture_default_str();
    call->add_option("--cash", asked->cash, "ACCOUNT:AMOUNT, once for each Cash parameter")->allow_extra_args(false);
    call->add_option("--payout", asked->payout, "account for what comes back");

    CLI::App* const batch = transaction(app, asked, "batch", "several calls in one transaction, each for itself or all of them", make_batch);
    batch->add_option("FILE", asked->file, "a line for each call: INSTANCE ENTRY ARGUMENTS (JSON)")->required();
    batch->add_flag("--all", asked->all, "all or none");
}

} // namespace

void add_ledger_commands(CLI::App& app) {
    const auto asked = std::make_shared<Asked>();
    add_keys(app, asked);
    CLI::App* const enrol = transaction(app, asked, "enrol", "enrol a party", make_enrol);
    enrol->add_option("--card", asked->card, "what `tally keys card` printed for the person");
    enrol->add_option("--institution", asked->institution, "whose person it is");
    enrol->add_option("--certificates", asked->certificates, "PEM: the person's first, the institution's root last");
    enrol->add_option("--until", asked->until, "the last height at which the key counts");
    enrol->add_option("--name", asked->name, "without a card: its name on the ledger");
    enrol->add_option("--key", asked->key, "without a card: its public key");
    enrol->add_option("--role", asked->roles, "officer, maker, checker, auditor, operator, regulator; without institutions registrar, deployer, clock, auditor")
        ->allow_extra_args(false)
        ->delimiter(',');
    enrol->add_option("--issuer", asked->issuer_of, "currencies that it issues")->delimiter(',')->allow_extra_args(false);
    CLI::App* const rotate = transaction(app, asked, "rotate", "a new key for a party", make_rotate);
    rotate->add_option("--card", asked->card, "what `tally keys card` printed for the new key")->required();
    rotate->add_option("--certificates", asked->certificates, "PEM: the person's first, the institution's root last");
    rotate->add_option("--until", asked->until, "the last height at which the key counts");
    CLI::App* const revoke = transaction(app, asked, "revoke", "a party's signature never counts again", make_revoke);
    revoke->add_option("PARTY", asked->party, "its name")->required();
    add_money(app, asked);
    add_contracts(app, asked);
    CLI::App* const advance =
        transaction(app, asked, "advance", "move the business date", make_advance);
    advance->add_option("--to", asked->date, "YYYY-MM-DD")->required();
    add_member_commands(app);
    add_queries(app);
}

} // namespace tally
