// tally_core blocks STREAM [BLOCKS]: a stream of tally_crash_plan on a ledger and a tree in memory. A line
// `block HEIGHT ROOT` for each block, as tally_crash_run has it; at most so many.
// tally_core runs FILE: what tally_core_plan made. A line for each test of a contract: whether it passed, its gas and
// cases, and what it says if it failed. A line for each program of the farm: a digest of all that can be seen of its
// runs, and one of what decoding and verifying say to its bytes with a fault in them.
// Exit code 1: a test failed. 2: what was read is not what was promised.
#include "tests/agreement/dice.hpp"
#include "tests/crash/stream.hpp"
#include "tests/determinism/core_input.hpp"
#include "tests/tri/case.hpp"
#include "tests/tri/scripted_host.hpp"

#include "node/block.hpp"
#include "node/files.hpp"
#include "node/tx/envelope.hpp"
#include "runtime/bench.hpp"
#include "runtime/keys.hpp"
#include "tree/update.hpp"
#include "vm/bytecode/encode.hpp"

#include <iostream>

namespace {

using namespace tally;

constexpr std::size_t input_bytes_max = 64U << 20;
constexpr int spoilt_modules = 20; ///< of each program

[[noreturn]] void give_up(const std::string& what) {
    std::cerr << "tally_core: " << what << "\n";
    std::exit(2);
}

Bytes bytes_of(const char* path) {
    const auto text = read_file(path, input_bytes_max);
    if (!text) give_up(std::string("cannot read ") + path);
    return to_bytes(*text);
}

// ---- blocks -------------------------------------------------------------------------------------

/// Every node goes through its bytes, as in a store.
class MemoryNodes final : public tree::NodeSource {
public:
    [[nodiscard]] tree::NodePtr node(const tree::NodeKey& key) const override {
        const auto found = nodes_.find(key.bytes());
        auto out = std::make_shared<tree::Node>();
        if (found == nodes_.end() || !tree::decode(found->second, *out)) give_up("a node of the tree is missing or damaged");
        return out;
    }
    void take(const tree::Update& update) {
        for (const auto& [key, node] : update.written)
            nodes_[key.bytes()] = tree::encode(*node);
        for (const tree::NodeKey& key : update.stale)
            nodes_.erase(key.bytes());
    }

private:
    std::map<Bytes, Bytes> nodes_;
};

/// What a node does with a block, without its disk, its API and its doubts about signatures.
class CoreChain {
public:
    explicit CoreChain(const Genesis& genesis) : ledger_(store_) {
        if (const auto problem = ledger_.genesis(genesis)) give_up(*problem);
        root_ = root_after(std::nullopt);
        keep();
    }
    [[nodiscard]] u64 height() const { return height_; }
    [[nodiscard]] const Hash& root() const { return root_; }
    [[nodiscard]] bool work_pending() const { return ledger_.work_pending(); }

    void make_block(const std::vector<Bytes>& step) {
        BlockRecord record;
        record.height = height_ + 1;
        record.parent = root_;
        (void)ledger_.begin_block(record.height);
        for (const Bytes& envelope : step)
            apply(envelope, record);
        record.date = ledger_.business_date();
        record.clauses = ledger_.clause_runs();
        ledger_.seal(record.height, encode(digest_of(record)));
        const u64 before = height_++;
        root_ = root_after(before);
        keep();
    }

private:
    void apply(const Bytes& envelope, BlockRecord& record) {
        auto one = decode_envelope(envelope);
        if (!one) give_up(one.error().line());
        record.receipts.push_back(ledger_.apply(one->transaction));
        record.ids.push_back({one->id, one->transaction.intent});
        record.transactions.push_back(std::move(one->bytes));
    }
    Hash root_after(std::optional<u64> before) {
        std::vector<tree::Change> changes;
        for (const auto& [key, value] : ledger_.writes())
            if (keys::proven(key)) changes.push_back(value ? tree::put(key, *value) : tree::erase(key));
        const tree::Update update = tree::update(nodes_, before, height_, std::move(changes));
        nodes_.take(update);
        return update.root;
    }
    void keep() {
        store_.apply(ledger_.writes());
        ledger_.committed();
    }

    MemoryStore store_;
    MemoryNodes nodes_;
    Ledger ledger_;
    u64 height_ = 0;
    Hash root_{};
};

int run_blocks(const char* path, u64 blocks) {
    crash::Stream stream;
    if (!decode(bytes_of(path), stream)) give_up("no stream");
    CoreChain chain(stream.genesis);
    std::size_t next = 0;
    while (chain.height() < blocks && (chain.work_pending() || next < stream.steps.size())) {
        chain.make_block(chain.work_pending() ? std::vector<Bytes>{} : stream.steps[next++]);
        std::cout << "block " << chain.height() << " " << hex(chain.root()) << "\n";
    }
    return 0;
}

// ---- tests of contracts -------------------------------------------------------------------------

/// False if one failed.
bool run_tests(const core::TestedModule& one) {
    TestBench bench(one.modules);
    bool good = true;
    for (std::size_t i = 0; i < bench.names().size(); ++i) {
        const TestResult result = bench.run(i);
        std::cout << (result.passed ? "ok " : "FAIL ") << one.path << ": " << result.name << ": " << result.gas_used << " gas, " << result.cases << " cases " << result.message << "\n";
        good = good && result.passed;
    }
    return good;
}

// ---- programs of the farm -----------------------------------------------------------------------

/// The run's outcome, gas, registers, memory and questions to the host, as bytes.
void run_call(const tri::Case& c, ByteWriter& out) {
    const std::vector<std::uint8_t> before = tri::memory_of(c);
    const std::size_t visible = before.size() - self_address;
    Arena arena(static_cast<std::uint32_t>(before.size()));
    std::copy(before.begin() + self_address, before.end(), arena.at(self_address, visible));
    tri::ScriptedHost host(c.program->module, c.seed);
    Gas gas{c.gas};
    Registers registers;
    const Outcome outcome = interpret(*c.program, {c.function, c.arguments, tri::stack_of(c), arena, gas, host, &registers});
    for (const u64 part : {static_cast<u64>(outcome.trap), outcome.x, u64{outcome.h}, u64{outcome.function}, u64{outcome.instruction}, static_cast<u64>(gas.left)})
        out.u64be(part);
    out.i128be(outcome.w);
    for (const u64 x : registers.x) out.u64be(x);
    for (const i128 w : registers.w) out.i128be(w);
    for (const Holding h : registers.h) out.u64be(h);
    for (const u64 heard : host.trace()) out.u64be(heard);
    out.raw({arena.at(self_address, visible), visible});
}

/// Accepted, or why not.
std::string verdict(ByteView bytes) {
    auto module = decode(bytes);
    if (const auto* error = std::get_if<ModuleError>(&module)) return error->what;
    const auto verified = verify(std::get<Module>(module));
    if (const auto* error = std::get_if<VerifyError>(&verified)) return error->what + " " + std::to_string(error->function) + " " + std::to_string(error->instruction);
    return "accepted";
}

/// On the module with one byte changed, so many times.
std::string verdicts(Bytes module, u64 seed) {
    agreement::Dice dice(seed);
    std::string out;
    for (int i = 0; i < spoilt_modules; ++i) {
        std::uint8_t& byte = module[static_cast<std::size_t>(dice.next() % module.size())];
        const std::uint8_t before = byte;
        byte = static_cast<std::uint8_t>(byte + 1 + dice.next() % 255);
        out += verdict(module) + "\n";
        byte = before;
    }
    return out;
}

void run_calls(const core::CalledModule& one, std::size_t number) {
    auto module = decode(one.module);
    if (!std::holds_alternative<Module>(module)) give_up("a program does not decode");
    auto loaded = load(std::move(std::get<Module>(module)), module_hash(one.module));
    if (!std::holds_alternative<std::shared_ptr<const Program>>(loaded)) give_up("a program does not verify");
    const auto program = std::get<std::shared_ptr<const Program>>(loaded);
    ByteWriter seen;
    for (const core::CalledModule::Call& call : one.calls)
        run_call({program, call.function, call.arguments, call.gas, call.seed}, seen);
    std::cout << "program " << number << " " << hex(sha256(seen.data())) << " " << hex(sha256(to_bytes(verdicts(one.module, number)))) << "\n";
}

int run_all(const char* path) {
    core::Input input;
    if (!core::decode(bytes_of(path), input)) give_up("no such input");
    bool good = true;
    for (const core::TestedModule& one : input.tested)
        good = run_tests(one) && good;
    for (std::size_t i = 0; i < input.called.size(); ++i)
        run_calls(input.called[i], i);
    return good ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    const std::string_view what = argc > 1 ? argv[1] : "";
    if (what == "blocks" && (argc == 3 || argc == 4)) return run_blocks(argv[2], argc == 4 ? std::stoull(argv[3]) : ~u64{0});
    if (what == "runs" && argc == 3) return run_all(argv[2]);
    give_up("usage: tally_core blocks STREAM [BLOCKS] | tally_core runs FILE");
}
