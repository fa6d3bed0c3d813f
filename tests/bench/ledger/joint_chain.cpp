#include "tests/bench/ledger/joint_chain.hpp"

#include "runtime/arguments.hpp"
#include "tools/source_files.hpp"
#include "vm/bytecode/encode.hpp"
#include "vm/bytecode/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace tally::bench {
namespace {

constexpr CurrencyCode usd = currency_code('U', 'S', 'D');
constexpr std::size_t creates_per_batch = 256; // each may use a 256th of a transaction's gas
constexpr u64 stride = 7'919; // a prime: neighbours in time are far apart in number

} // namespace

void give_up(const std::string& what) {
    fmt::print(stderr, "tally_bench_ledger: {}\n", what);
    std::exit(2);
}

JointChain::JointChain(const std::filesystem::path& directory, const std::string& contracts, Chain::Options options) {
    Genesis genesis{"bench", date_from_civil(2026, 1, 14).value(), {}};
    for (const char* const name : {"registrar", "operator", "lead", "partner", "servicer"}) {
        KeySeed seed{};
        seed.fill(static_cast<std::uint8_t>(keys_.size() + 1));
        keys_.push_back(signing_key(seed));
        Enrol party{name, keys_.back().public_key, role_registrar | role_deployer | role_clock, {}};
        if (genesis.parties.empty()) party.issuer_of = {usd};
        genesis.parties.push_back(std::move(party));
    }
    if (const auto problem = Chain::create(directory, genesis)) give_up(problem->line());
    auto chain = Chain::open(directory, options);
    if (!chain) give_up(chain.error().line());
    chain_ = std::move(*chain);
    found(contracts);
}

Transaction JointChain::transaction(std::vector<PartyId> signers, Payload payload) {
    Transaction out{std::move(signers), {}, chain_->height() + 5'000, limits::transaction_gas, std::move(payload)};
    const u64 number = ++intents_;
    for (std::size_t i = 0; i < 8; ++i) out.intent[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return out;
}

Bytes JointChain::signed_by(std::vector<PartyId> signers, Payload payload) {
    std::vector<SigningKey> keys;
    for (const PartyId signer : signers) keys.push_back(keys_[signer - 1]);
    return sign("bench", transaction(std::move(signers), std::move(payload)), keys);
}

JointChain::Split JointChain::send(const std::vector<Bytes>& envelopes, std::size_t block) {
    using Clock = std::chrono::steady_clock;
    using Microseconds = std::chrono::duration<double, std::micro>;
    Split split;
    for (std::size_t at = 0; at < envelopes.size();) {
        const std::size_t count = std::min(block, envelopes.size() - at);
        const auto begin = Clock::now();
        const auto admitted = chain_->admit(std::span(envelopes).subspan(at, count));
        split.admit += Microseconds(Clock::now() - begin).count();
        std::vector<const SignedTransaction*> ready;
        for (const auto& one : admitted) {
            if (!one) give_up(one.error().line());
            ready.push_back(&*one);
        }
        for (std::size_t done = 0; done < ready.size();) {
            const auto start = Clock::now();
            const auto answers = chain_->make_block(std::span(ready).subspan(done));
            const Microseconds whole = Clock::now() - start;
            const Chain::Times& times = chain_->times();
            split.run += Microseconds(times.run).count();
            split.tree += Microseconds(times.tree).count();
            split.history += Microseconds(times.history).count();
            split.commit += Microseconds(times.commit).count();
            split.rest += (whole - times.run - times.tree - times.history - times.commit).count();
            for (const auto& answer : answers) {
                if (!answer) give_up(answer.error().line());
                if (answer->receipt.trap != Trap::None) give_up("a transaction was refused: " + answer->receipt.error + " " + answer->receipt.note);
                for (const Receipt& item : answer->receipt.items)
                    if (item.created != 0) loans_.push_back(item.created);
            }
            done += answers.size();
        }
        at += count;
    }
    return split;
}

void JointChain::settle() {
    while (chain_->work_pending()) (void)chain_->make_block({});
}

Receipt JointChain::alone(std::vector<PartyId> signers, Payload payload) {
    const std::vector<Bytes> envelope{signed_by(std::move(signers), std::move(payload))};
    const auto admitted = chain_->admit(envelope);
    if (!admitted[0]) give_up(admitted[0].error().line());
    const SignedTransaction* const one = &*admitted[0];
    auto answer = std::move(chain_->make_block(std::span(&one, 1)).front());
    if (!answer) give_up(answer.error().line());
    if (answer->receipt.trap != Trap::None) give_up("a transaction was refused: " + answer->receipt.error + " " + answer->receipt.note);
    return std::move(answer->receipt);
}

Bytes JointChain::arguments(const Program& program, const Entry& entry, const std::string& json) const {
    const auto party = [](const std::string& name) -> u64 {
        static const std::map<std::string, u64> all{{"operator", op}, {"lead", lead}, {"partner", partner}, {"servicer", servicer}};
        const auto at = all.find(name);
        return at == all.end() ? 0 : at->second;
    };
    auto bytes = arguments_of_json(program, entry, json, money_exponent(usd), party);
    if (const auto* const what = std::get_if<std::string>(&bytes)) give_up(*what);
    return std::get<Bytes>(bytes);
}

std::pair<Hash, std::shared_ptr<const Program>> JointChain::code_of(const std::string& contract) const {
    for (const Hash& code : codes_) {
        auto program = chain_->read([&](const Ledger& ledger, const Tip&) { return ledger.program(code); });
        if (find_contract(program->module, contract) != nullptr) return {code, std::move(program)};
    }
    give_up("no contract " + contract);
}

InstanceId JointChain::create(std::vector<PartyId> signers, const std::string& contract, InstanceId parent, const std::string& json) {
    const auto [code, program] = code_of(contract);
    const auto& entries = find_contract(program->module, contract)->entries;
    const auto entry = std::find_if(entries.begin(), entries.end(), [](const Entry& e) { return e.kind == EntryKind::Create; });
    return alone(std::move(signers), Create{code, contract, parent, parent == 0 ? usd : 0, arguments(*program, *entry, json), {}}).created;
}

void JointChain::call(std::vector<PartyId> signers, InstanceId instance, const std::string& contract, const std::string& entry, const std::string& json, std::vector<CashIn> cash) {
    const auto program = code_of(contract).second;
    const Entry* const found = find_entry(*find_contract(program->module, contract), entry);
    (void)alone(std::move(signers), Call{instance, entry, arguments(*program, *found, json), std::move(cash), 0});
}

void JointChain::found(const std::string& contracts) {
    auto built = build_modules({contracts + "/joint_loan"});
    if (!built) give_up("the joint loan does not compile");
    for (const Build& build : *built) codes_.push_back(alone({registrar}, Deploy{build.bytes}).code);
    const InstanceId clearing = create({op}, "Clearing", 0, R"({"operator": "operator", "cycle": "Monthly"})");
    for (const auto& [bank, name] : {std::pair{lead, "lead"}, {partner, "partner"}, {servicer, "servicer"}})
        call({op, bank}, clearing, "Clearing", "join", fmt::format(R"({{"bank": "{}"}})", name));
    const AccountId account = alone({partner}, OpenAccount{usd}).created;
    constexpr i128 cents = i128{1'000'000'000'000} * 100;
    (void)alone({registrar}, Issue{account, cents});
    call({partner}, clearing, "Clearing", "top_up", R"({"bank": "partner"})", {{account, cents}});
    programme_ = create({lead, servicer}, "Programme", 0,
        fmt::format(R"({{"lead": "lead", "servicer": "servicer", "clearing": {}, "terms": {{"floor": "3/10", "penal": "3/2", "instalment": "half_up", "interest": "half_up"}}}})", clearing));
    for (const auto& [bank, name] : {std::pair{lead, "lead"}, {partner, "partner"}, {servicer, "servicer"}})
        call({bank}, clearing, "Clearing", "trust", fmt::format(R"({{"bank": "{}", "desk": {}, "draws": true}})", name, programme_));
    call({lead, partner}, programme_, "Programme", "join",
         R"({"deal": {"limit": "900000000000.00", "lenders": [{"bank": "lead", "funds": 30, "interest": 40, "fees": 50}, {"bank": "partner", "funds": 70, "interest": 60, "fees": 50}]}})");
    repay_ = amount_to_repay("1.00");
}

Bytes JointChain::amount_to_repay(const std::string& amount) const {
    const auto program = code_of("Loan").second;
    return arguments(*program, *find_entry(*find_contract(program->module, "Loan"), "repay"), R"({"amount": ")" + amount + R"("})");
}

void JointChain::lend(u64 loans) {
    const auto [code, program] = code_of("Loan");
    const auto& entries = find_contract(program->module, "Loan")->entries;
    const auto entry = std::find_if(entries.begin(), entries.end(), [](const Entry& e) { return e.kind == EntryKind::Create; });
    while (loans != 0) {
        std::vector<Bytes> envelopes;
        for (int i = 0; i < 8 && loans != 0; ++i) {
            Batch batch;
            batch.all = true;
            for (; batch.items.size() < creates_per_batch && loans != 0; --loans) {
                const u64 n = ++serial_;
                batch.items.emplace_back(Create{code, "Loan", programme_, 0,
                    arguments(*program, *entry, fmt::format(R"({{"serial": {}, "deal": 0, "principal": "{}.00", "rate": "0.{:04}", "periods": {}, "first_due": "2026-02-15"}})", n, 10'000 + n % 9'000, 600 + n % 1'800, 12 + n % 37)), {}});
            }
            envelopes.push_back(signed_by({servicer}, std::move(batch)));
        }
        send(envelopes, envelopes.size());
    }
}

InstanceId JointChain::next_loan() { return loans_[static_cast<std::size_t>(++asked_ * stride % loans_.size())]; }

std::vector<Bytes> JointChain::repayments(std::size_t count) {
    std::vector<Bytes> out(count);
    for (Bytes& envelope : out) envelope = signed_by({servicer}, Call{next_loan(), "repay", repay_, {}, 0});
    return out;
}

Bytes JointChain::repayment(std::size_t loan, const std::string& amount) {
    return signed_by({servicer}, Call{loans_[loan], "repay", amount_to_repay(amount), {}, 0});
}

Bytes JointChain::batch_of_repayments(std::size_t count) {
    Batch batch;
    batch.all = true;
    for (std::size_t i = 0; i < count; ++i) batch.items.emplace_back(Call{next_loan(), "repay", repay_, {}, 0});
    return signed_by({servicer}, std::move(batch));
}

Bytes JointChain::advance_to(Date date) { return signed_by({registrar}, Advance{date}); }

} // namespace tally::bench
