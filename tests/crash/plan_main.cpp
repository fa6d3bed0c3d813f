// tally_crash_plan: writes the transactions of a crash test, always the same: a consortium with joint loans that
// are drawn, paid, charged and billed while the business date moves, payments between accounts, new parties, and
// now and then a transaction that fails.
#include "tests/crash/stream.hpp"

#include "node/tx/envelope.hpp"
#include "runtime/assert.hpp"
#include "runtime/arguments.hpp"
#include "tools/source_files.hpp"
#include "vm/bytecode/limits.hpp"

#include <fmt/format.h>

#include <fstream>
#include <map>

namespace {

using namespace tally;

constexpr CurrencyCode usd = currency_code('U', 'S', 'D');
constexpr const char* names[] = {"registrar", "operator", "lead", "partner", "servicer"};
enum : PartyId { registrar = 1, op, lead, partner, servicer };

[[noreturn]] void give_up(const std::string& what) {
    fmt::print(stderr, "tally_crash_plan: {}\n", what);
    std::exit(2);
}

SigningKey key_of(PartyId party) {
    KeySeed seed{};
    seed[0] = static_cast<std::uint8_t>(party);
    seed[1] = static_cast<std::uint8_t>(party >> 8);
    return signing_key(seed);
}

/// Lives the stream on a ledger in memory while it writes it, because later transactions name what earlier ones made.
class Plan {
public:
    Plan() : ledger_(std::make_unique<Ledger>(store_)) {
        stream_.genesis = {"crash", date_from_civil(2026, 1, 14).value(), {}};
        for (const char* const name : names) {
            Enrol party{name, key_of(++parties_).public_key, role_registrar | role_deployer | role_clock, {}};
            if (parties_ == registrar) party.issuer_of = {usd};
            stream_.genesis.parties.push_back(party);
        }
        TALLY_ASSERT(!ledger_->genesis(stream_.genesis), "a genesis that can be");
        commit();
    }

    void found(const std::string& contracts);
    /// One step of everyday life; `n` decides which.
    void live(u64 n);
    [[nodiscard]] u64 height() const { return height_; }
    [[nodiscard]] const crash::Stream& stream() const { return stream_; }
    [[nodiscard]] u64 failed() const { return failed_; }

private:
    void commit() {
        store_.apply(ledger_->writes());
        ledger_->committed();
    }
    void begin() { (void)ledger_->begin_block(++height_); }
    /// The step is over: its block, and those that due clauses need.
    void end() {
        commit();
        stream_.steps.push_back(std::move(step_));
        step_.clear();
        while (ledger_->work_pending()) {
            begin();
            commit();
        }
    }

    Receipt apply(std::vector<PartyId> signers, Payload payload) {
        Transaction transaction{std::move(signers), {}, height_ + 5000, 100'000'000, std::move(payload)};
        ++intents_;
        for (std::size_t i = 0; i < 8; ++i)
            transaction.intent[i] = static_cast<std::uint8_t>(intents_ >> (8 * i));
        std::vector<SigningKey> keys;
        for (const PartyId signer : transaction.signers)
            keys.push_back(key_of(signer));
        step_.push_back(sign(stream_.genesis.chain, transaction, keys));
        const Receipt receipt = ledger_->apply(transaction);
        if (receipt.trap != Trap::None) ++failed_;
        return receipt;
    }
    Receipt must(std::vector<PartyId> signers, Payload payload) {
        Receipt receipt = apply(std::move(signers), std::move(payload));
        if (receipt.trap != Trap::None) give_up("a transaction was refused: " + receipt.error + " " + receipt.note);
        return receipt;
    }
    Receipt alone(std::vector<PartyId> signers, Payload payload) {
        begin();
        Receipt receipt = must(std::move(signers), std::move(payload));
        end();
        return receipt;
    }

    Bytes arguments(const Program& program, const Entry& entry, const std::string& json) const {
        const auto party = [](const std::string& name) -> u64 {
            const auto* const found = std::find(std::begin(names), std::end(names), name);
            return found == std::end(names) ? 0 : static_cast<u64>(found - std::begin(names)) + 1;
        };
        auto bytes = arguments_of_json(program, entry, json, money_exponent(usd), party);
        if (const auto* what = std::get_if<std::string>(&bytes)) give_up(*what);
        return std::get<Bytes>(bytes);
    }
    Create creation(const std::string& contract, InstanceId parent, const std::string& json) const {
        for (const Hash& code : codes_) {
            const auto program = ledger_->program(code);
            const Contract* const found = find_contract(program->module, contract);
            if (found == nullptr) continue;
            const auto entry = std::find_if(found->entries.begin(), found->entries.end(), [](const Entry& e) { return e.kind == EntryKind::Create; });
            return {code, contract, parent, parent == 0 ? usd : 0, arguments(*program, *entry, json), {}};
        }
        give_up("no contract " + contract);
    }
    Call call(InstanceId instance, const std::string& entry, const std::string& json, std::vector<CashIn> cash = {}) const {
        const auto view = ledger_->instance(instance);
        return {instance, entry, arguments(*view->program, *find_entry(view->program->module.contracts[view->contract], entry), json), std::move(cash), 0};
    }
    void draw() {
        ++serial_;
        const std::string json = fmt::format(R"({{"serial": {}, "deal": 0, "principal": "{}.00", "rate": "0.1825", "periods": 6, "first_due": "{}"}})",
                                             serial_, 1000 + 37 * serial_, date_text(ledger_->business_date() + 20));
        loans_.push_back(must({servicer}, creation("Loan", programme_, json)).created);
    }

    MemoryStore store_;
    std::unique_ptr<Ledger> ledger_;
    crash::Stream stream_;
    std::vector<Bytes> step_;
    std::vector<Hash> codes_;
    std::vector<InstanceId> loans_;
    std::vector<AccountId> accounts_;
    InstanceId programme_ = 0;
    PartyId parties_ = 0;
    u64 height_ = 0, intents_ = 0, serial_ = 0, failed_ = 0;
};

void Plan::found(const std::string& contracts) {
    const auto built = build_modules({contracts + "/joint_loan"});
    if (!built) give_up("the joint loan does not compile");
    for (const Build& build : *built)
        codes_.push_back(alone({registrar}, Deploy{build.bytes}).code);
    begin();
    for (const PartyId party : {lead, partner, servicer})
        accounts_.push_back(must({party}, OpenAccount{usd}).created);
    for (const AccountId account : accounts_)
        must({registrar}, Issue{account, 90'000'000'00});
    end();
    const InstanceId clearing = alone({op}, creation("Clearing", 0, R"({"operator": "operator", "cycle": "Daily"})")).created;
    for (const auto& [party, name] : {std::pair{lead, "lead"}, {partner, "partner"}, {servicer, "servicer"}})
        alone({op, party}, call(clearing, "join", fmt::format(R"({{"bank": "{}"}})", name)));
    for (const auto& [party, name] : {std::pair{lead, "lead"}, {partner, "partner"}, {servicer, "servicer"}})
        alone({party}, call(clearing, "top_up", fmt::format(R"({{"bank": "{}"}})", name), {{accounts_[party - lead], 40'000'000'00}}));
    programme_ = alone({lead, servicer}, creation("Programme", 0, fmt::format(R"({{"lead": "lead", "servicer": "servicer", "clearing": {}, "terms": {{"floor": "3/10", "penal": "3/2", "instalment": "half_up", "interest": "half_up"}}}})", clearing))).created;
    for (const auto& [party, name] : {std::pair{lead, "lead"}, {partner, "partner"}, {servicer, "servicer"}})
        alone({party}, call(clearing, "trust", fmt::format(R"({{"bank": "{}", "desk": {}, "draws": true}})", name, programme_)));
    alone({lead, partner}, call(programme_, "join", R"({"deal": {"limit": "90000000.00", "lenders": [{"bank": "lead", "funds": 30, "interest": 40, "fees": 50}, {"bank": "partner", "funds": 70, "interest": 60, "fees": 50}]}})"));
}

void Plan::live(u64 n) {
    begin();
    if (n % 3 == 0) draw();
    for (u64 i = 0; i < 1 + n % 4 && !loans_.empty(); ++i) {
        const InstanceId loan = loans_[(7 * n + i) % loans_.size()];
        // Some of these are refused: a loan that is paid off, a payment beyond what is owed.
        apply({servicer}, call(loan, i % 3 == 2 ? "charge" : "repay", fmt::format(R"({{"amount": "{}.{:02}"}})", 10 + (13 * n + i) % 400, n % 100)));
    }
    must({lead}, Pay{accounts_[0], accounts_[1 + n % 2], static_cast<i128>(100 + n)});
    if (n % 5 == 1) apply({partner}, Pay{accounts_[1], accounts_[0], i128{1} << 80}); // more than there is
    if (n % 7 == 2) {
        ++parties_;
        must({registrar}, Enrol{fmt::format("bank {}", parties_), key_of(parties_).public_key, 0, {}});
    }
    if (n % 6 == 4) must({op}, Advance{ledger_->business_date() + static_cast<i64>(1 + n % 9)});
    end();
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 4) give_up("usage: tally_crash_plan CONTRACTS BLOCKS FILE");
    const u64 blocks = std::stoull(argv[2]);
    Plan plan;
    plan.found(argv[1]);
    for (u64 n = 0; plan.height() < blocks; ++n)
        plan.live(n);
    const Bytes bytes = encode(plan.stream());
    std::ofstream out(argv[3], std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!out.flush()) give_up("cannot write the stream");
    std::size_t transactions = 0;
    for (const auto& step : plan.stream().steps)
        transactions += step.size();
    fmt::print("{} blocks, {} transactions of which {} fail, {} bytes\n", plan.height(), transactions, plan.failed(), bytes.size());
    return 0;
}
