// tally_bench_ledger: what a repayment costs on the embedded ledger, all included: signature, right, run,
// state tree, history, synced commit. Against what one core can check of Ed25519 signatures in the same run.
#include "tests/bench/ledger/joint_chain.hpp"
#include "tests/bench/options.hpp"

#include "node/proofs.hpp"
#include "proof/statement.hpp"
#include "vm/engine/native/native.hpp"

#include <fmt/format.h>

#include <chrono>
#include <fstream>

namespace {

using namespace tally;
using namespace tally::bench;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// Signatures a second on one core.
double verification_rate() {
    const SigningKey keys = signing_key(KeySeed{});
    const Hash message{1, 2, 3};
    const Signature signature = sign(keys, message);
    double best = 0;
    for (int round = 0; round < 5; ++round) {
        const auto begin = Clock::now();
        constexpr int times = 2'000;
        for (int i = 0; i < times; ++i)
            if (!verify(keys.public_key, message, signature)) give_up("a signature does not verify");
        best = std::max(best, times / seconds_since(begin));
    }
    return best;
}

u64 bytes_in(const std::filesystem::path& directory) {
    u64 out = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory))
        if (entry.is_regular_file()) out += entry.file_size();
    return out;
}

struct Figures {
    u64 loans = 0;
    double lend_us = 0, single_us = 0, batch_us = 0, day_ms = 0, query_us = 0, statement_s = 0, verify_s = 0;
    JointChain::Split single, batched; ///< of one repayment
    u64 day_rows = 0, disk = 0, statement_bytes = 0;
};

struct Shape {
    std::size_t singles = 20'000, block = 2'000, batches = 20, batch = 1'000;
    int rounds = 3;
    bool statement = true;
};

/// Sends, and keeps what one repayment took if that is the least so far.
void keep_best(JointChain& joint, const std::vector<Bytes>& envelopes, std::size_t block, std::size_t repayments, double& best, JointChain::Split& split) {
    const auto count = static_cast<double>(repayments);
    const auto begin = Clock::now();
    const JointChain::Split all = joint.send(envelopes, block);
    const double one = seconds_since(begin) * 1e6 / count;
    if (one >= best) return;
    best = one;
    split = {all.admit / count, all.run / count, all.tree / count, all.history / count, all.commit / count, all.rest / count};
}

Figures measure(const std::filesystem::path& directory, const std::string& contracts, const Chain::Options& options, u64 loans, const Shape& shape) {
    Figures out;
    out.loans = loans;
    JointChain joint(directory, contracts, options);
    auto begin = Clock::now();
    joint.lend(loans);
    out.lend_us = seconds_since(begin) * 1e6 / static_cast<double>(loans);
    out.disk = bytes_in(directory);
    out.single_us = out.batch_us = 1e9;
    for (int round = 0; round < shape.rounds; ++round) {
        const auto singles = joint.repayments(shape.singles);
        keep_best(joint, singles, shape.block, shape.singles, out.single_us, out.single);
        std::vector<Bytes> batches;
        for (std::size_t i = 0; i < shape.batches; ++i) batches.push_back(joint.batch_of_repayments(shape.batch));
        keep_best(joint, batches, 4, shape.batches * shape.batch, out.batch_us, out.batched);
    }
    // A day on which nothing falls due: the date moves, no loan is written.
    const Date today = joint.chain().read([](const Ledger& ledger, const Tip&) { return ledger.business_date(); });
    const u64 before = bytes_in(directory);
    begin = Clock::now();
    joint.send({joint.advance_to(today + 1)}, 1);
    out.day_ms = seconds_since(begin) * 1e3;
    (void)before;
    out.day_rows = joint.chain().rows_written();
    begin = Clock::now();
    constexpr int questions = 2'000;
    for (int i = 0; i < questions; ++i) {
        const u64 id = 3 + static_cast<u64>(i) * 7'919 % loans;
        if (!joint.chain().read([&](const Ledger& ledger, const Tip&) { return ledger.instance(id); })) give_up("an instance is missing");
    }
    out.query_us = seconds_since(begin) * 1e6 / questions;
    if (shape.statement) {
        begin = Clock::now();
        const auto file = prove_statement(joint.chain(), 4, joint.chain().height());
        if (!file) give_up(file.error().line());
        out.statement_s = seconds_since(begin);
        out.statement_bytes = file->size();
        begin = Clock::now();
        StatementFile statement;
        const Hash root = joint.chain().read([](const Ledger&, const Tip& tip) { return tip.root; });
        if (!decode(*file, statement) || std::holds_alternative<ProofFault>(verify_statement(statement, root))) give_up("the statement does not verify");
        out.verify_s = seconds_since(begin);
    }
    return out;
}

void print_split(const char* name, const JointChain::Split& s) {
    fmt::print("                 {}: admission {:.1f}, run {:.1f}, tree {:.1f}, history {:.1f}, synced commit {:.1f}, rest {:.1f} us\n", name, s.admit, s.run, s.tree, s.history, s.commit, s.rest);
}

void print(const Figures& f, double rate) {
    fmt::print("{:>9} loans: lend {:7.1f} us, repayment {:7.1f} us ({:6.0f} a second, {:5.1f} % of a core's signatures), in batches {:6.1f} us ({:6.0f} a second, {:5.1f} %)\n",
               f.loans, f.lend_us, f.single_us, 1e6 / f.single_us, 100 * 1e6 / f.single_us / rate, f.batch_us, 1e6 / f.batch_us, 100 * 1e6 / f.batch_us / rate);
    print_split("one by one", f.single);
    print_split("in batches", f.batched);
    fmt::print("                 a day without dues {:.2f} ms, {} rows; a question {:.1f} us; {} bytes of disk a loan\n", f.day_ms, f.day_rows, f.query_us, f.disk / f.loans);
    if (f.statement_bytes != 0)
        fmt::print("                 statement of one bank, all loans: made in {:.2f} s, {} bytes ({} a loan), verified in {:.2f} s\n", f.statement_s, f.statement_bytes, f.statement_bytes / f.loans, f.verify_s);
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Repayments on the embedded ledger, all included"};
    bench::Options options(3);
    options.add_to(app);
    std::string contracts, engine = "interpreter", directory;
    std::vector<u64> sizes{10'000, 1'000'000};
    Shape shape;
    app.add_option("--contracts", contracts, "folder of the contracts")->required();
    app.add_option("--engine", engine, "interpreter or template")->check(CLI::IsMember({"interpreter", "template"}));
    app.add_option("--loans", sizes, "numbers of live loans, the smallest first");
    app.add_option("--directory", directory, "where to build the ledgers; else a temporary place");
    app.add_option("--singles", shape.singles, "repayments signed one by one, a round");
    app.add_option("--batches", shape.batches, "batches, a round");
    CLI11_PARSE(app, argc, argv);
    shape.rounds = options.rounds;
    const std::filesystem::path base = directory.empty() ? std::filesystem::temp_directory_path() / fmt::format("tally_bench_ledger.{}", Clock::now().time_since_epoch().count()) : std::filesystem::path(directory);
    std::filesystem::create_directories(base);
    Chain::Options chain;
    chain.engine = engine_by_name(engine)->prepare;
    const double rate = verification_rate();
    fmt::print("one core checks {:.0f} Ed25519 signatures a second; engine {}\n", rate, engine);
    std::vector<Figures> all;
    for (const u64 loans : sizes) {
        all.push_back(measure(base / fmt::format("{}", loans), contracts, chain, loans, shape));
        print(all.back(), rate);
        std::fflush(stdout);
        std::filesystem::remove_all(base / fmt::format("{}", loans));
    }
    std::filesystem::remove_all(base);
    const double growth = all.back().single_us / all.front().single_us;
    struct Bar {
        const char* name;
        double value, bar;
        bool at_least;
    };
    const Figures& last = all.back();
    const Bar bars[] = {{"repayments, of a core's signatures", 1e6 / last.single_us / rate, 0.30, true},
                        {"repayments in batches of 1,000", 1e6 / last.batch_us / rate, 1.00, true},
                        {"cost at the most loans to that at the fewest", growth, 1.3, false},
                        {"rows of loans that a day without dues writes", static_cast<double>(last.day_rows), 0, false}};
    bool missed = false;
    std::string json;
    for (const Bar& bar : bars) {
        const bool met = bar.at_least ? bar.value >= bar.bar : bar.value <= bar.bar;
        missed = missed || !met;
        fmt::print("{} {:<50} {:6.2f} (bar {} {:.2f})\n", met ? "ok  " : "MISS", bar.name, bar.value, bar.at_least ? ">=" : "<=", bar.bar);
        json += fmt::format("{}{{\"name\": \"{}\", \"value\": {:.4f}, \"bar\": {}, \"met\": {}}}", json.empty() ? "" : ", ", bar.name, bar.value, bar.bar, met);
    }
    if (!options.json.empty()) {
        std::string rows;
        for (const Figures& f : all)
            rows += fmt::format("{}{{\"loans\": {}, \"lend_us\": {:.2f}, \"repayment_us\": {:.2f}, \"batched_us\": {:.2f}, \"day_ms\": {:.3f}, \"question_us\": {:.2f}, \"disk_per_loan\": {}, \"statement_bytes\": {}, \"statement_s\": {:.2f}, \"verify_s\": {:.2f}}}",
                                rows.empty() ? "" : ", ", f.loans, f.lend_us, f.single_us, f.batch_us, f.day_ms, f.query_us, f.disk / f.loans, f.statement_bytes, f.statement_s, f.verify_s);
        std::ofstream(options.json) << fmt::format("{{\"ed25519_per_second\": {:.0f}, \"ledgers\": [{}], \"bars\": [{}]}}\n", rate, rows, json);
    }
    return missed && !options.no_bars ? 1 : 0;
}
