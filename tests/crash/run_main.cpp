// tally_crash_run DIR STREAM [BLOCKS]: brings the ledger in DIR on by up to BLOCKS blocks of a stream (all of it
// without a number), from where it stands; makes the ledger when there is none. The standard output has a line for
// what is durable, written after the chain said so:
//   made                  a new ledger
//   open HEIGHT ROOT      what was found
//   block HEIGHT ROOT     one more
//   done
// Exit codes are tallyd's: 1 refused, 2 trouble; 3: what was found contradicts itself.
#include "tests/crash/stream.hpp"

#include "node/chain.hpp"
#include "node/files.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace {

using namespace tally;
namespace fs = std::filesystem;

constexpr std::size_t stream_bytes_max = 1U << 20;
/// Small, so that a short run flushes, compacts and writes its MANIFEST.
constexpr u64 buffer_bytes = 128U << 10;

/// In one write, so that a kill leaves no half of a line.
void say(const std::string& line) {
    if (::write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::_exit(exit_trouble);
}

[[noreturn]] void end(int code, const std::string& why) {
    fmt::print(stderr, "tally_crash_run: {}\n", why);
    std::fflush(stderr);
    ::_exit(code);
}

Tip tip_of(const Chain& chain) {
    return chain.read([](const Ledger&, const Tip& tip) { return tip; });
}

void say_tip(const char* what, const Chain& chain) {
    const Tip tip = tip_of(chain);
    say(fmt::format("{} {} {}\n", what, tip.height, hex(tip.root)));
}

/// Every block is there and follows from the one before; the last is the tip.
void check_blocks(const Chain& chain) {
    const Tip tip = tip_of(chain);
    u64 transactions = 0;
    Hash before{};
    for (u64 height = 0; height <= tip.height; ++height) {
        const auto block = chain.block(height);
        if (!block || block->height != height) end(3, fmt::format("block {} of {} is not there", height, tip.height));
        if (height != 0 && block->parent != before) end(3, fmt::format("block {} does not follow the one before", height));
        before = block->root;
        transactions += block->transactions.size();
    }
    if (before != tip.root || transactions != tip.transactions) end(3, "the tip is not that of the last block");
}

/// Without a look at the signatures, which have nothing to do with a disk and take a quarter of the time.
/// Signatures were checked when the plan was made: checking them in every run would be most of its time.
std::vector<SignedTransaction> decoded(const Chain& chain, const std::vector<Bytes>& step) {
    std::vector<SignedTransaction> out;
    for (const Bytes& envelope : step) {
        auto one = decode_envelope(envelope);
        if (!one) end(3, one.error().line());
        chain.read([&](const Ledger& ledger, const Tip&) {
            for (const PartyId signer : one->transaction.signers)
                one->held_under.push_back(ledger.party(signer)->key);
        });
        out.push_back(std::move(*one));
    }
    return out;
}

std::vector<Result<Answer>> make_block(Chain& chain, const std::vector<SignedTransaction>& transactions) {
    std::vector<const SignedTransaction*> pointers;
    for (const SignedTransaction& one : transactions)
        pointers.push_back(&one);
    return chain.make_block(pointers);
}

/// Sent again, what is in a block answers as before and changes nothing.
void check_duplicates(Chain& chain, const std::vector<Bytes>& step) {
    if (chain.work_pending()) return; // a block would be made for other reasons
    const Tip before = tip_of(chain);
    for (const auto& answer : make_block(chain, decoded(chain, step)))
        if (!answer || !answer->duplicate) end(3, "a transaction counts twice");
    if (tip_of(chain).height != before.height) end(3, "a block of duplicates");
}

/// The first step that is in no block yet. A block has a step whole or not at all.
std::size_t next_step(const Chain& chain, const crash::Stream& stream) {
    std::size_t next = 0;
    for (; next < stream.steps.size(); ++next) {
        std::size_t known = 0;
        for (const Bytes& envelope : stream.steps[next])
            if (chain.place_of(decode_envelope(envelope)->transaction.intent)) ++known;
        if (known == 0) return next;
        if (known != stream.steps[next].size()) end(3, fmt::format("half of step {} is there", next));
    }
    return next;
}

std::unique_ptr<Chain> open(const fs::path& directory, const crash::Stream& stream) {
    if (!fs::exists(directory)) {
        if (const auto problem = Chain::create(directory, stream.genesis)) end(exit_refused, problem->line());
        say("made\n");
    }
    Chain::Options options;
    options.min_free_bytes = 1;
    options.signature_threads = 1;
    options.write_buffer_bytes = buffer_bytes;
    auto chain = Chain::open(directory, options);
    if (!chain) end(exit_refused, chain.error().line());
    return std::move(*chain);
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 3 && argc != 4) end(exit_refused, "usage: tally_crash_run DIR STREAM [BLOCKS]");
    const auto bytes = read_file(argv[2], stream_bytes_max);
    crash::Stream stream;
    if (!bytes || !decode(to_bytes(*bytes), stream)) end(exit_refused, "no stream");
    const auto chain = open(argv[1], stream);
    say_tip("open", *chain);
    check_blocks(*chain);
    std::size_t next = next_step(*chain, stream);
    if (next != 0) check_duplicates(*chain, stream.steps[next - 1]);
    const u64 last = argc == 4 ? chain->height() + std::stoull(argv[3]) : ~u64{0};
    while (chain->height() < last) {
        const bool pending = chain->work_pending();
        if (!pending && next == stream.steps.size()) break;
        const auto answers = make_block(*chain, pending ? std::vector<SignedTransaction>{} : decoded(*chain, stream.steps[next]));
        if (!pending && answers.size() != stream.steps[next++].size()) end(3, "a step does not fit into a block");
        for (const auto& answer : answers)
            if (!answer) end(3, answer.error().line());
        say_tip("block", *chain);
    }
    say("done\n");
    return 0;
}
