/// The ledger as the engine sees it: ABCI 2.0's calls, each answered with what the chain says. Nothing is durable
/// before Commit, and no call ends in anything but its response: what cannot go on stops the node with its reason.
#pragma once

#include "node/chain.hpp"
#include "node/ordering/cometbft/abci.pb.h"

#include <mutex>
#include <set>

namespace tally {

/// What became of a transaction, by the hash of its envelope, which is the engine's name for it.
struct Decided {
    Hash digest{};
    Result<Answer> answer;
};

/// Those who wait for transactions. Called by the engine's threads: returns at once.
class EngineWatch {
public:
    EngineWatch() = default;
    EngineWatch(const EngineWatch&) = delete;
    EngineWatch& operator=(const EngineWatch&) = delete;
    virtual ~EngineWatch() = default;
    /// It will not come into a block; it is not even passed on.
    virtual void turned_away(const Hash& digest, const NodeError& why) = 0;
    /// A block is durable. Also one in which nothing happened.
    virtual void decided(std::vector<Decided> block) = 0;
};

class Application {
public:
    struct Options {
        std::set<std::string> peers{}; ///< the node ids that may connect; none: any
        EngineWatch* watch = nullptr;  ///< outlives this
    };
    /// The chain outlives this, and no other driver makes its blocks.
    explicit Application(Chain& chain) : Application(chain, Options{}) {}
    Application(Chain& chain, Options options) : chain_(chain), options_(std::move(options)) {}

    /// From any thread, of any connection.
    void answer(const abci::Request& request, abci::Response& out);

    static constexpr u64 app_version = 1; ///< of the rules by which blocks are run

private:
    void info(abci::ResponseInfo& out) const;
    void init_chain(const abci::RequestInitChain& in, abci::ResponseInitChain& out);
    void query(const abci::RequestQuery& in, abci::ResponseQuery& out) const;
    void check_tx(const abci::RequestCheckTx& in, abci::ResponseCheckTx& out);
    void prepare(const abci::RequestPrepareProposal& in, abci::ResponsePrepareProposal& out);
    [[nodiscard]] bool sound(const abci::RequestProcessProposal& in);
    void finalize(const abci::RequestFinalizeBlock& in, abci::ResponseFinalizeBlock& out);
    void commit();
    [[nodiscard]] Problem known(const SignedTransaction& transaction) const;

    Chain& chain_;
    const Options options_;
    std::mutex consensus_; ///< the engine asks one thing at a time; whoever else connects must not do better
    u64 finalized_ = 0;    ///< the engine's height of the block that has run; 0: none
    std::vector<Decided> decided_;
};

} // namespace tally
