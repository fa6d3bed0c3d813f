// tally_engine_driver [--sequences 20000] [--seed 1] [--json FILE]: an engine of our own, which calls the ledger in random
// orders that ABCI allows, and in some that it does not: many rounds, candidates that are never decided, blocks run
// again, crashes between any two calls. Beside it a second ledger gets nothing but the decided blocks. After every
// commit both have the same application hash, and what was answered once is answered the same again.
#include "node/genesis_codec.hpp"
#include "node/ordering/cometbft/application.hpp"
#include "node/ordering/cometbft/frames.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <unistd.h>

namespace {

using namespace tally;
namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what) {
    fmt::print(stderr, "FAIL {}\n", what);
    std::_Exit(1);
}

constexpr CurrencyCode dollars = currency_code('U', 'S', 'D');

SigningKey operator_key() {
    KeySeed seed{};
    seed.fill(1);
    return signing_key(seed);
}

Genesis genesis() {
    Genesis out;
    out.chain = "engine";
    out.start = 20454; // 2026-01-01
    Enrol party;
    party.name = "operator";
    party.key = operator_key().public_key;
    party.roles = role_registrar | role_deployer | role_clock;
    party.issuer_of = {dollars};
    out.parties.push_back(party);
    return out;
}

/// xorshift64*: the same seed is the same run.
class Dice {
public:
    explicit Dice(u64 seed) : state_(seed * 0x9e3779b97f4a7c15U + 1) {}
    u64 below(u64 bound) {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return (state_ * 0x2545f4914f6cdd1dU >> 11) % bound;
    }
    bool one_in(u64 count) { return below(count) == 0; }

private:
    u64 state_;
};

/// A ledger with its application, which a crash takes down and a start brings up.
class Node {
public:
    explicit Node(const fs::path& directory) : directory_(directory) {
        if (const auto problem = Chain::create(directory, genesis())) fail(problem->line());
        start();
    }
    void crash() {
        application_.reset();
        chain_.reset();
        start();
    }
    abci::Response ask(const abci::Request& request) {
        // Through the frames as well: what goes in comes out.
        std::string framed;
        write_frame(framed, request.SerializeAsString());
        FrameReader frames;
        frames.add(ByteView(reinterpret_cast<const std::uint8_t*>(framed.data()), framed.size()));
        const auto message = frames.next();
        abci::Request again;
        if (!message || !again.ParseFromArray(message->data(), static_cast<int>(message->size()))) fail("a frame is not what was written");
        abci::Response out;
        application_->answer(again, out);
        return out;
    }
    [[nodiscard]] const Chain& chain() const { return *chain_; }

private:
    void start() {
        auto opened = Chain::open(directory_, {.min_free_bytes = 1, .signature_threads = 1, .keep_history = 1, .keep_trees = 1});
        if (!opened) fail(opened.error().line());
        chain_ = std::move(*opened);
        application_ = std::make_unique<Application>(*chain_);
    }
    fs::path directory_;
    std::unique_ptr<Chain> chain_;
    std::unique_ptr<Application> application_;
};

struct Counts {
    u64 calls = 0, rounds = 0, crashes = 0, replays = 0, illegal = 0, transactions = 0, empty = 0;
};

class Driver {
public:
    Driver(const fs::path& work, u64 seed) : dice_(seed), subject_(work / "subject"), reference_(work / "reference") {}

    void begin() {
        do ask(init_chain());
        while (dice_.one_in(2) && maybe_crash(2)); // again after a crash before the first block
        (void)reference_.ask(init_chain());
    }

    /// One height, from its first call to its commit.
    void sequence() {
        ++height_;
        chatter();
        std::vector<std::string> block;
        for (u64 rounds = 1 + dice_.below(3); rounds != 0; --rounds) {
            block = round();
            ++counts_.rounds;
            maybe_crash(300);
        }
        const abci::Response decided = finalize_until_committed(block);
        check(decided, block);
    }
    [[nodiscard]] const Counts& counts() const { return counts_; }
    [[nodiscard]] std::string hash() { return info().last_block_app_hash(); }

private:
    abci::Response ask(const abci::Request& request) {
        ++counts_.calls;
        return subject_.ask(request);
    }
    bool maybe_crash(u64 one_in) {
        if (!dice_.one_in(one_in)) return false;
        subject_.crash();
        ++counts_.crashes;
        const auto where = info();
        if (where.last_block_height() != static_cast<std::int64_t>(height_ == 0 ? 0 : height_ - 1)) fail(fmt::format("after a crash before the commit of {} it stands at {}", height_, where.last_block_height()));
        return true;
    }
    abci::ResponseInfo info() {
        abci::Request request;
        request.mutable_info();
        return ask(request).info();
    }
    static abci::Request init_chain() {
        abci::Request request;
        auto& init = *request.mutable_init_chain();
        init.set_chain_id("engine");
        init.set_initial_height(1);
        init.set_app_state_bytes("\"" + hex(sha256(encode(genesis()))) + "\"");
        return request;
    }

    /// What is allowed at any time, and what never is.
    void chatter() {
        abci::Request request;
        if (dice_.one_in(3)) {
            request.mutable_echo()->set_message("still there?");
            if (ask(request).echo().message() != "still there?") fail("echo");
        }
        if (dice_.one_in(20)) { // a commit of nothing
            ++counts_.illegal;
            const std::string before = info().SerializeAsString();
            request.mutable_commit();
            (void)ask(request);
            if (info().SerializeAsString() != before) fail("a commit without a block moved the ledger");
        }
        if (dice_.one_in(20)) {
            ++counts_.illegal;
            request.Clear();
            if (!ask(request).has_exception()) fail("an empty request is answered with something");
        }
        if (dice_.one_in(20)) {
            request.mutable_offer_snapshot();
            if (ask(request).offer_snapshot().result() == abci::ResponseOfferSnapshot::ACCEPT) fail("a snapshot out of nowhere is accepted");
        }
        for (u64 i = dice_.below(4); i != 0; --i) {
            pool_.push_back(transaction());
            request.mutable_check_tx()->set_tx(pool_.back());
            request.mutable_check_tx()->set_type(dice_.one_in(4) ? abci::RequestCheckTx::RECHECK : abci::RequestCheckTx::NEW);
            (void)ask(request);
        }
        while (pool_.size() > 12)
            pool_.erase(pool_.begin());
    }

    /// Good ones, and everything that may come from outside.
    std::string transaction() {
        if (dice_.one_in(10)) return std::string(dice_.below(40), static_cast<char>(dice_.below(256)));
        if (!sent_.empty() && dice_.one_in(6)) return sent_[dice_.below(sent_.size())]; // once more
        Transaction made;
        made.signers = {1};
        const u64 intent = sent_.empty() || !dice_.one_in(12) ? ++intents_ : 1 + dice_.below(intents_); // sometimes one that is taken
        for (std::size_t i = 0; i < 8; ++i)
            made.intent[i] = static_cast<std::uint8_t>(intent >> (8 * i));
        const u64 height = subject_.chain().height();
        made.expiry = dice_.one_in(8) ? height : height + 1 + dice_.below(20);
        made.gas_limit = 1'000'000;
        made.payload = payload();
        const SigningKey key = operator_key();
        const Bytes bytes = sign(dice_.one_in(15) ? "other" : "engine", made, std::span(&key, 1));
        std::string out(bytes.begin(), bytes.end());
        if (dice_.one_in(15)) out.back() = static_cast<char>(out.back() ^ 1); // a signature that does not hold
        sent_.push_back(out);
        if (sent_.size() > 200) sent_.erase(sent_.begin());
        return out;
    }
    Payload payload() {
        switch (dice_.below(5)) {
        case 0: {
            Enrol enrol;
            enrol.name = fmt::format("party {}", dice_.below(100'000));
            KeySeed seed{};
            for (std::uint8_t& byte : seed)
                byte = static_cast<std::uint8_t>(dice_.below(256));
            enrol.key = signing_key(seed).public_key;
            return enrol;
        }
        case 1: return OpenAccount{dollars, 1 + dice_.below(20)};
        case 2: return Advance{20454 + static_cast<Date>(dice_.below(3000))};
        case 3: return Pay{1 + dice_.below(5), 1 + dice_.below(5), static_cast<i128>(dice_.below(50))};
        default: return Issue{1 + dice_.below(5), static_cast<i128>(dice_.below(1000))};
        }
    }

    /// Proposed here or elsewhere, looked at any number of times.
    std::vector<std::string> round() {
        std::vector<std::string> block;
        abci::Request request;
        if (dice_.one_in(2)) {
            auto& prepare = *request.mutable_prepare_proposal();
            prepare.set_height(static_cast<std::int64_t>(height_));
            prepare.set_max_tx_bytes(1 << 20);
            for (const std::string& waiting : pool_)
                prepare.add_txs(waiting);
            const abci::Response proposed = ask(request);
            block.assign(proposed.prepare_proposal().txs().begin(), proposed.prepare_proposal().txs().end());
            if (status_of(block) != abci::ResponseProcessProposal::ACCEPT) fail("a proposal of its own is rejected");
        } else { // another proposer, honest or not
            for (u64 i = dice_.below(5); i != 0; --i)
                block.push_back(transaction());
            const auto status = status_of(block);
            if (status == abci::ResponseProcessProposal::REJECT) block.clear(); // it is not decided then
        }
        for (u64 i = dice_.below(2); i != 0; --i) {
            maybe_crash(500);
            if (status_of(block) != abci::ResponseProcessProposal::ACCEPT) fail("a proposal that was accepted is rejected");
        }
        return block;
    }
    abci::ResponseProcessProposal::Status status_of(const std::vector<std::string>& block) {
        abci::Request request;
        auto& process = *request.mutable_process_proposal();
        process.set_height(static_cast<std::int64_t>(height_));
        for (const std::string& transaction : block)
            process.add_txs(transaction);
        return ask(request).process_proposal().status();
    }

    static abci::Request finalize_request(u64 height, const std::vector<std::string>& block) {
        abci::Request request;
        auto& finalize = *request.mutable_finalize_block();
        finalize.set_height(static_cast<std::int64_t>(height));
        for (const std::string& transaction : block)
            finalize.add_txs(transaction);
        return request;
    }

    /// The decided block may be run any number of times before it is committed: the engine or the node was stopped.
    abci::Response finalize_until_committed(const std::vector<std::string>& block) {
        const abci::Request request = finalize_request(height_, block);
        const abci::Response first = ask(request);
        while (dice_.one_in(4)) {
            if (dice_.one_in(10)) maybe_crash(1);
            ++counts_.replays;
            if (ask(request).SerializeAsString() != first.SerializeAsString()) fail(fmt::format("block {} run again comes to something else", height_));
        }
        abci::Request commit;
        commit.mutable_commit();
        (void)ask(commit);
        if (dice_.one_in(300)) {
            subject_.crash();
            ++counts_.crashes;
        }
        return first;
    }

    /// Against the ledger that saw no rounds and no crash.
    void check(const abci::Response& decided, const std::vector<std::string>& block) {
        const bool pending = reference_.chain().work_pending(); // the date is on its way
        const abci::Response expected = reference_.ask(finalize_request(height_, block));
        if (decided.SerializeAsString() != expected.SerializeAsString()) fail(fmt::format("block {} differs from the reference", height_));
        if (decided.finalize_block().tx_results_size() != static_cast<int>(block.size())) fail(fmt::format("block {}: not one result for each transaction", height_));
        abci::Request commit;
        commit.mutable_commit();
        (void)reference_.ask(commit);
        const auto where = info();
        if (where.last_block_height() != static_cast<std::int64_t>(height_) || where.last_block_app_hash() != decided.finalize_block().app_hash()) fail(fmt::format("block {} is committed, and it stands at {}", height_, where.last_block_height()));
        if (block.empty()) ++counts_.empty;
        if (block.empty() && !pending && !last_hash_.empty() && last_hash_ != where.last_block_app_hash()) fail(fmt::format("block {} has nothing in it and moves the root", height_));
        last_hash_ = where.last_block_app_hash();
        counts_.transactions += block.size();
    }

    Dice dice_;
    Node subject_, reference_;
    Counts counts_;
    u64 height_ = 0, intents_ = 0;
    std::vector<std::string> pool_, sent_;
    std::string last_hash_;
};

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"An engine of our own against the ledger: random sequences of ABCI"};
    u64 sequences = 20'000, seed = 1;
    std::string json;
    app.add_option("--sequences", sequences, "heights, each with its rounds and crashes")->capture_default_str();
    app.add_option("--seed", seed, "the same seed is the same run")->capture_default_str();
    app.add_option("--json", json, "figures for a machine");
    CLI11_PARSE(app, argc, argv);
    const fs::path memory = "/dev/shm";
    std::string work = ((fs::exists(memory) ? memory : fs::temp_directory_path()) / "tally_engine_XXXXXX").string();
    if (::mkdtemp(work.data()) == nullptr) fail("no room for a ledger");
    Counts counts;
    std::string hash;
    {
        Driver driver(work, seed);
        driver.begin();
        for (u64 i = 0; i < sequences; ++i)
            driver.sequence();
        counts = driver.counts();
        hash = driver.hash();
    }
    fs::remove_all(work);
    fmt::print("engine: {} sequences of seed {}, {} calls: {} rounds, {} blocks run again, {} crashes, {} calls that are not allowed, {} transactions, {} empty blocks; 0 failures; {}\n", sequences, seed,
               counts.calls, counts.rounds, counts.replays, counts.crashes, counts.illegal, counts.transactions, counts.empty, hex(ByteView(reinterpret_cast<const std::uint8_t*>(hash.data()), std::min<std::size_t>(hash.size(), 8))));
    if (!json.empty())
        std::ofstream(json) << fmt::format("{{\"sequences\": {}, \"calls\": {}, \"rounds\": {}, \"replays\": {}, \"crashes\": {}, \"illegal\": {}, \"transactions\": {}, \"failures\": 0}}\n", sequences, counts.calls, counts.rounds,
                                           counts.replays, counts.crashes, counts.illegal, counts.transactions);
    return 0;
}
