#include "node/ordering/cometbft/application.hpp"

#include "node/genesis_codec.hpp"
#include "node/ordering/cometbft/tx_result.hpp"
#include "vm/bytecode/limits.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tally {
namespace {

Bytes bytes_of(const std::string& text) { return Bytes(text.begin(), text.end()); }
std::string text_of(ByteView bytes) { return std::string(bytes.begin(), bytes.end()); }

std::vector<Bytes> envelopes_of(const google::protobuf::RepeatedPtrField<std::string>& transactions) {
    std::vector<Bytes> out;
    out.reserve(static_cast<std::size_t>(transactions.size()));
    for (const std::string& transaction : transactions)
        out.push_back(bytes_of(transaction));
    return out;
}

/// What a block may still take of what its transactions promise to use: what they will use is not known yet.
class Room {
public:
    Room(const BlockLimits& most, i64 bytes) : left_(most) { left_.bytes = std::min(most.bytes, bytes < 0 ? most.bytes : static_cast<std::size_t>(bytes)); }
    [[nodiscard]] bool take(const SignedTransaction& transaction, std::size_t bytes) {
        if (left_.transactions == 0 || bytes > left_.bytes) return false;
        if (transaction.transaction.gas_limit > left_.gas && !empty_) return false;
        --left_.transactions;
        left_.bytes -= bytes;
        left_.gas -= std::min(left_.gas, transaction.transaction.gas_limit);
        empty_ = false;
        return true;
    }

private:
    BlockLimits left_;
    bool empty_ = true; ///< the first comes in whatever gas it asks for
};

/// A transaction in a block costs its bytes and a tag with its length: the engine counts those too.
std::size_t bytes_in_block(std::size_t bytes) { return bytes + 6; }

} // namespace

void Application::answer(const abci::Request& request, abci::Response& out) {
    using Case = abci::Request::ValueCase;
    switch (request.value_case()) {
    case Case::kEcho: out.mutable_echo()->set_message(request.echo().message()); return;
    case Case::kFlush: out.mutable_flush(); return;
    case Case::kInfo: return info(*out.mutable_info());
    case Case::kInitChain: return init_chain(request.init_chain(), *out.mutable_init_chain());
    case Case::kQuery: return query(request.query(), *out.mutable_query());
    case Case::kCheckTx: return check_tx(request.check_tx(), *out.mutable_check_tx());
    case Case::kPrepareProposal: return prepare(request.prepare_proposal(), *out.mutable_prepare_proposal());
    case Case::kProcessProposal: {
        using Status = abci::ResponseProcessProposal;
        return out.mutable_process_proposal()->set_status(sound(request.process_proposal()) ? Status::ACCEPT : Status::REJECT);
    }
    case Case::kFinalizeBlock: return finalize(request.finalize_block(), *out.mutable_finalize_block());
    case Case::kCommit:
        commit();
        out.mutable_commit();
        return;
    // Votes are not extended.
    case Case::kExtendVote: out.mutable_extend_vote(); return;
    case Case::kVerifyVoteExtension: return out.mutable_verify_vote_extension()->set_status(abci::ResponseVerifyVoteExtension::ACCEPT);
    // No snapshots yet: a new node runs the blocks.
    case Case::kListSnapshots: out.mutable_list_snapshots(); return;
    case Case::kOfferSnapshot: return out.mutable_offer_snapshot()->set_result(abci::ResponseOfferSnapshot::REJECT);
    case Case::kLoadSnapshotChunk: out.mutable_load_snapshot_chunk(); return;
    case Case::kApplySnapshotChunk: return out.mutable_apply_snapshot_chunk()->set_result(abci::ResponseApplySnapshotChunk::ABORT);
    case Case::VALUE_NOT_SET: out.mutable_exception()->set_error("a request that this version of the protocol does not have"); return;
    }
}

// ---- where the ledger stands --------------------------------------------------------------------

void Application::info(abci::ResponseInfo& out) const {
    const Tip tip = chain_.read([](const Ledger&, const Tip& now) { return now; });
    out.set_data("tallystick");
    out.set_app_version(app_version);
    out.set_last_block_height(static_cast<std::int64_t>(tip.engine_height));
    if (tip.engine_height != 0) out.set_last_block_app_hash(text_of(tip.root));
}

/// May be asked again when the engine was stopped before its first block: nothing is kept of it.
void Application::init_chain(const abci::RequestInitChain& in, abci::ResponseInitChain& out) {
    const Tip tip = chain_.read([](const Ledger&, const Tip& now) { return now; });
    if (in.chain_id() != tip.chain)
        stop_node({NodeCode::OtherGenesis, fmt::format("the engine's is of `{}`, the ledger's of `{}`", in.chain_id(), tip.chain)});
    const std::string expected = "\"" + hex(chain_.genesis_hash()) + "\"";
    if (in.app_state_bytes().find(expected) == std::string::npos)
        stop_node({NodeCode::OtherGenesis, "the engine's does not name this ledger's, " + expected});
    out.set_app_hash(text_of(tip.root));
}

/// The engine asks whether a peer may connect, by address and by id. What is known of members is their ids.
void Application::query(const abci::RequestQuery& in, abci::ResponseQuery& out) const {
    constexpr std::string_view by_id = "/p2p/filter/id/", by_address = "/p2p/filter/addr/";
    const std::string& path = in.path();
    if (path.starts_with(by_address)) return;
    if (path.starts_with(by_id) && (options_.peers.empty() || options_.peers.contains(path.substr(by_id.size())))) return;
    out.set_code(1);
    out.set_log(path.starts_with(by_id) ? "this node is no member's" : "questions are for the API of the node");
}

// ---- transactions that wait ---------------------------------------------------------------------

/// That it can still come into a block.
Problem Application::known(const SignedTransaction& transaction) const {
    const u64 height = chain_.read([](const Ledger&, const Tip& tip) { return tip.height; });
    if (transaction.transaction.expiry <= height) return NodeError{NodeCode::Expired, fmt::format("it was {}, this is block {}", transaction.transaction.expiry, height)};
    if (chain_.place_of(transaction.transaction.intent)) return NodeError{NodeCode::IntentReused, hex(transaction.transaction.intent)};
    return std::nullopt;
}

void Application::check_tx(const abci::RequestCheckTx& in, abci::ResponseCheckTx& out) {
    const Bytes envelope = bytes_of(in.tx());
    const auto admitted = chain_.admit({&envelope, 1});
    const auto& transaction = admitted.front();
    const Problem problem = transaction ? known(*transaction) : Problem(transaction.error());
    if (!problem) {
        out.set_gas_wanted(transaction->transaction.gas_limit);
        return;
    }
    out.set_code(tx_code(problem->code));
    out.set_codespace("node");
    out.set_log(problem->line());
    if (options_.watch != nullptr) options_.watch->turned_away(sha256(envelope), *problem);
}

// ---- proposals ----------------------------------------------------------------------------------

void Application::prepare(const abci::RequestPrepareProposal& in, abci::ResponsePrepareProposal& out) {
    const std::lock_guard lock(consensus_);
    if (chain_.no_room()) return; // a block of nothing: what this node cannot keep it does not ask others to
    const auto admitted = chain_.admit(envelopes_of(in.txs()));
    Room room(chain_.agreed_limits(), in.max_tx_bytes());
    for (std::size_t i = 0; i < admitted.size(); ++i) {
        const std::string& bytes = in.txs(static_cast<int>(i));
        if (!admitted[i] || known(*admitted[i]) || !room.take(*admitted[i], bytes_in_block(bytes.size()))) continue;
        out.add_txs(bytes);
    }
}

/// What an honest proposer would not send. Everything else is decided when the block runs, alike on every node:
/// a validator that is more particular than others stops the ledger.
bool Application::sound(const abci::RequestProcessProposal& in) {
    const std::lock_guard lock(consensus_);
    Room room(chain_.agreed_limits(), -1);
    return std::all_of(in.txs().begin(), in.txs().end(), [&](const std::string& bytes) {
        const auto transaction = decode_envelope(bytes_of(bytes));
        return transaction && transaction->chain == chain_.name() && room.take(*transaction, bytes.size());
    });
}

// ---- decided blocks -----------------------------------------------------------------------------

void Application::finalize(const abci::RequestFinalizeBlock& in, abci::ResponseFinalizeBlock& out) {
    const std::lock_guard lock(consensus_);
    const auto height = static_cast<u64>(in.height());
    const u64 before = chain_.read([](const Ledger&, const Tip& tip) { return tip.engine_height; });
    if (before != 0 && height != before + 1)
        stop_node({NodeCode::EngineOutOfStep, fmt::format("it decided block {}, the ledger is at {}", height, before)});
    const std::vector<Bytes> envelopes = envelopes_of(in.txs());
    const auto checked = chain_.check_signatures(envelopes);
    std::vector<const SignedTransaction*> good;
    for (const auto& transaction : checked)
        if (transaction) good.push_back(&*transaction);
    Chain::Outcome outcome = chain_.run_block(good, BlockLimits{});
    decided_.clear();
    auto answer = outcome.answers.begin();
    for (std::size_t i = 0; i < checked.size(); ++i) {
        decided_.push_back({sha256(envelopes[i]), checked[i] ? std::move(*answer++) : Result<Answer>(checked[i].error())});
        *out.add_tx_results() = tx_result(decided_.back().answer);
    }
    out.set_app_hash(text_of(outcome.root));
    finalized_ = height;
}

void Application::commit() {
    const std::lock_guard lock(consensus_);
    if (finalized_ == 0) return; // nothing was decided since: there is nothing to keep
    chain_.commit(std::exchange(finalized_, 0));
    if (const auto problem = chain_.no_room(); problem && problem->code == NodeCode::DiskFull) stop_node(*problem);
    if (options_.watch != nullptr) options_.watch->decided(std::exchange(decided_, {}));
}

} // namespace tally
