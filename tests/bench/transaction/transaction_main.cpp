// tally_bench_transaction: where the time of a joint-loan repayment goes, from its signature to the synced commit
// of its block. Each part is measured on its own, in the same run, on a ledger on a disk.
#include "runtime/assert.hpp"
#include "runtime/arguments.hpp"
#include "runtime/ledger.hpp"

#include "node/store/rocks_store.hpp"
#include "tools/source_files.hpp"
#include "vm/bytecode/encode.hpp"
#include "vm/bytecode/limits.hpp"
#include "vm/crypto/signature.hpp"
#include "vm/engine/native/native.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>

namespace {

using namespace tally;
using Clock = std::chrono::steady_clock;

[[noreturn]] void give_up(const std::string& what) {
    fmt::print(stderr, "tally_bench_transaction: {}\n", what);
    std::exit(2);
}

double microseconds(Clock::duration d) { return std::chrono::duration<double, std::micro>(d).count(); }

// The machine's own time: an engine that looks at the clock around another one. Only the outermost run counts.
struct Watch {
    Engine inner = nullptr;
    int depth = 0;
    Clock::duration spent{};
} watch; // NOLINT: a benchmark's

Outcome timed(const Program& program, const Start& start) {
    if (watch.depth++ > 0) {
        const Outcome outcome = watch.inner(program, start);
        --watch.depth;
        return outcome;
    }
    const auto begin = Clock::now();
    const Outcome outcome = watch.inner(program, start);
    watch.spent += Clock::now() - begin;
    --watch.depth;
    return outcome;
}

bool watched_interpreter(Program& program) {
    watch.inner = program.engine;
    program.engine = timed;
    return true;
}

bool watched_template(Program& program) {
    use_native_code(program);
    return watched_interpreter(program);
}

constexpr CurrencyCode usd = currency_code('U', 'S', 'D');

/// The programme of two banks with one large loan, as contracts/joint_loan has it.
class Lender {
public:
    Lender(const std::filesystem::path& directory, const std::string& contracts, Prepare prepare) {
        auto store = RocksStore::open(directory, true);
        if (!store) give_up("the store does not open");
        store_ = std::move(*store);
        ledger_ = std::make_unique<Ledger>(*store_, prepare);
        found();
        for (const Build& build : modules(contracts)) deploy(build.bytes);
        lend();
    }

    /// One repayment; a receipt with a trap ends the benchmark.
    void repay() { call({servicer}, loan_, "repay", R"({"amount": "1.00"})"); }
    void begin_block() { (void)ledger_->begin_block(++height_); }
    /// Rows and bytes that the block writes.
    std::pair<std::size_t, std::size_t> size() const {
        std::size_t bytes = 0;
        for (const auto& [key, value] : ledger_->writes()) bytes += key.size() + (value ? value->size() : 0);
        return {ledger_->writes().size(), bytes};
    }
    void commit() {
        store_->commit(ledger_->writes(), {height_, Bytes(64), {}, Bytes(64)});
        ledger_->committed();
    }

private:
    enum : PartyId { registrar = 1, op, lead, partner, servicer };

    void found() {
        Genesis genesis{"bench", date_from_civil(2026, 1, 14).value(), {}};
        for (const char* name : {"registrar", "operator", "lead", "partner", "servicer"}) {
            Enrol party{name, {}, role_registrar | role_deployer | role_clock, {}};
            party.key = PublicKey{static_cast<std::uint8_t>(genesis.parties.size() + 1)};
            if (genesis.parties.empty()) party.issuer_of = {usd};
            genesis.parties.push_back(party);
        }
        TALLY_ASSERT(!ledger_->genesis(genesis), "a genesis that can be");
        commit();
    }

    static std::vector<Build> modules(const std::string& contracts) {
        auto built = build_modules({contracts + "/joint_loan"});
        if (!built) give_up("the joint loan does not compile");
        return std::move(*built);
    }

    Receipt apply(std::vector<PartyId> signers, Payload payload) {
        IntentId intent{};
        const u64 number = ++intents_;
        for (std::size_t i = 0; i < 8; ++i) intent[i] = static_cast<std::uint8_t>(number >> (8 * i));
        const Receipt receipt = ledger_->apply({std::move(signers), intent, height_ + 100, limits::transaction_gas, std::move(payload)});
        if (receipt.trap != Trap::None) give_up("a transaction was refused: " + receipt.error + " " + receipt.note);
        return receipt;
    }

    /// In a block of its own.
    Receipt alone(std::vector<PartyId> signers, Payload payload) {
        begin_block();
        Receipt receipt = apply(std::move(signers), std::move(payload));
        commit();
        return receipt;
    }

    void deploy(const Bytes& module) {
        const Hash code = alone({registrar}, Deploy{module}).code;
        codes_.push_back(code);
    }

    Bytes arguments(const Program& program, const Entry& entry, const std::string& json) const {
        const auto party = [](const std::string& name) -> u64 {
            const std::map<std::string, u64> all{{"operator", op}, {"lead", lead}, {"partner", partner}, {"servicer", servicer}};
            const auto found = all.find(name);
            return found == all.end() ? 0 : found->second;
        };
        auto bytes = arguments_of_json(program, entry, json, money_exponent(usd), party);
        if (const auto* what = std::get_if<std::string>(&bytes)) give_up(*what);
        return std::get<Bytes>(bytes);
    }

    InstanceId create(std::vector<PartyId> signers, const std::string& contract, InstanceId parent, const std::string& json) {
        for (const Hash& code : codes_) {
            const auto program = ledger_->program(code);
            const Contract* const found = find_contract(program->module, contract);
            if (found == nullptr) continue;
            const Entry* const entry = &*std::find_if(found->entries.begin(), found->entries.end(), [](const Entry& e) { return e.kind == EntryKind::Create; });
            return alone(std::move(signers), Create{code, contract, parent, parent == 0 ? usd : 0, arguments(*program, *entry, json), {}}).created;
        }
        give_up("no contract " + contract);
    }

    void call(std::vector<PartyId> signers, InstanceId instance, const std::string& entry, const std::string& json, std::vector<CashIn> cash = {}) {
        auto& known = encoded_[entry + json];
        if (known.empty()) {
            const auto view = ledger_->instance(instance);
            known = arguments(*view->program, *find_entry(view->program->module.contracts[view->contract], entry), json);
        }
        (void)apply(std::move(signers), Call{instance, entry, known, std::move(cash), 0});
    }

    void call_alone(std::vector<PartyId> signers, InstanceId instance, const std::string& entry, const std::string& json, std::vector<CashIn> cash = {}) {
        begin_block();
        call(std::move(signers), instance, entry, json, std::move(cash));
        commit();
    }

    void lend() {
        const InstanceId clearing = create({op}, "Clearing", 0, R"({"operator": "operator", "cycle": "Monthly"})");
        for (const char* bank : {"lead", "partner", "servicer"})
            call_alone({op, bank == std::string("lead") ? lead : bank == std::string("partner") ? partner : servicer}, clearing, "join", fmt::format(R"({{"bank": "{}"}})", bank));
        const AccountId account = alone({partner}, OpenAccount{usd}).created;
        constexpr i128 cents = 90'000'000'00;
        (void)alone({registrar}, Issue{account, cents});
        call_alone({partner}, clearing, "top_up", R"({"bank": "partner"})", {{account, cents}});
        const InstanceId programme = create({lead, servicer}, "Programme", 0,
            fmt::format(R"({{"lead": "lead", "servicer": "servicer", "clearing": {}, "terms": {{"floor": "3/10", "penal": "3/2", "instalment": "half_up", "interest": "half_up"}}}})", clearing));
        for (const auto& [party, desk] : {std::pair{lead, "lead"}, {partner, "partner"}, {servicer, "servicer"}})
            call_alone({party}, clearing, "trust", fmt::format(R"({{"bank": "{}", "desk": {}, "draws": true}})", desk, programme));
        call_alone({lead, partner}, programme, "join", R"({"deal": {"limit": "90000000.00", "lenders": [{"bank": "lead", "funds": 30, "interest": 40, "fees": 50}, {"bank": "partner", "funds": 70, "interest": 60, "fees": 50}]}})");
        loan_ = create({servicer}, "Loan", programme, R"({"serial": 1, "deal": 0, "principal": "10000000.00", "rate": "0.1825", "periods": 12, "first_due": "2026-02-15"})");
    }

    std::unique_ptr<RocksStore> store_;
    std::unique_ptr<Ledger> ledger_;
    std::vector<Hash> codes_;
    std::map<std::string, Bytes> encoded_;
    InstanceId loan_ = 0;
    u64 height_ = 0, intents_ = 0;
};

struct Part {
    std::string name;
    double microseconds;
};

double signature_us(int times) {
    const SigningKey keys = signing_key(KeySeed{});
    const Hash message{7};
    const Signature signature = sign(keys, message);
    const auto begin = Clock::now();
    for (int i = 0; i < times; ++i)
        if (!verify(keys.public_key, message, signature)) give_up("a signature does not verify");
    return microseconds(Clock::now() - begin) / times;
}

std::vector<Part> parts_on(Prepare prepare, const std::string& contracts, int blocks, int repayments, std::pair<std::size_t, std::size_t>& size) {
    const auto directory = std::filesystem::temp_directory_path() / fmt::format("tally_bench_transaction.{}", Clock::now().time_since_epoch().count());
    Clock::duration applied{}, committed{};
    {
        Lender lender(directory, contracts, prepare);
        watch.spent = {};
        for (int block = 0; block < blocks; ++block) {
            lender.begin_block();
            const auto begin = Clock::now();
            for (int i = 0; i < repayments; ++i) lender.repay();
            const auto done = Clock::now();
            applied += done - begin;
            size = lender.size();
            lender.commit();
            committed += Clock::now() - done;
        }
    }
    std::filesystem::remove_all(directory);
    const double times = double(blocks) * repayments;
    const double machine = microseconds(watch.spent) / times;
    return {{"signature (one)", signature_us(2000)},
            {"load, rights, rules, receipt", microseconds(applied) / times - machine},
            {"run, what the ledger does for it included", machine},
            {"commit, synced, of a block", microseconds(committed) / times}};
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Where the time of a joint-loan repayment goes"};
    std::string json, contracts, engine = "interpreter";
    int blocks = 20, repayments = 200;
    app.add_option("--contracts", contracts, "folder of the contracts")->required();
    app.add_option("--engine", engine, "interpreter or template")->check(CLI::IsMember({"interpreter", "template"}));
    app.add_option("--blocks", blocks, "blocks")->check(CLI::PositiveNumber);
    app.add_option("--repayments", repayments, "in each block")->check(CLI::PositiveNumber);
    app.add_option("--json", json, "write the figures there too");
    CLI11_PARSE(app, argc, argv);
    std::pair<std::size_t, std::size_t> size;
    const auto parts = parts_on(engine == "template" ? watched_template : watched_interpreter, contracts, blocks, repayments, size);
    double total = 0;
    for (const Part& part : parts) total += part.microseconds;
    std::string rows;
    for (const Part& part : parts) {
        fmt::print("{:<44} {:8.2f} us {:6.1f} %\n", part.name, part.microseconds, 100 * part.microseconds / total);
        rows += fmt::format("{}{{\"part\": \"{}\", \"us\": {:.3f}, \"share\": {:.4f}}}", rows.empty() ? "" : ", ", part.name, part.microseconds, part.microseconds / total);
    }
    fmt::print("a repayment {:.2f} us, {:.0f} a second on one core, {}; {} repayments a block, which writes {} rows of {} bytes\n", total, 1e6 / total, engine, repayments, size.first, size.second);
    if (!json.empty()) std::ofstream(json) << fmt::format("{{\"engine\": \"{}\", \"us\": {:.3f}, \"parts\": [{}]}}\n", engine, total, rows);
    return 0;
}
