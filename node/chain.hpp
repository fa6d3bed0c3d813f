/// The chain of one node: the store, the ledger over it, and how a block of transactions becomes
/// durable. Ordering drivers decide what goes into a block; everything after that happens here.
#pragma once

#include "node/block.hpp"
#include "node/store/directory.hpp"
#include "node/state_tree.hpp"
#include "node/store/rocks_store.hpp"
#include "node/store/tip_file.hpp"
#include "node/tx/envelope.hpp"
#include "node/tx/signature_cache.hpp"
#include "node/tx/signature_pool.hpp"
#include "tree/prove.hpp"
#include "vm/bytecode/limits.hpp"

#include <chrono>
#include <functional>
#include <limits>
#include <mutex>
#include <shared_mutex>

namespace tally {

/// What became of a transaction.
struct Answer {
    Hash id{};
    IntentId intent{};
    u64 height = 0;         ///< of the block that it is in
    bool duplicate = false; ///< the intent had been answered before; this is that answer
    Receipt receipt;
    // How to read the receipt's values.
    std::string entry;         ///< of a Call: what the result is a result of
    InstanceId instance = 0;   ///< of a Call, or the parent of a Create
    CurrencyCode currency = 0; ///< of a Create
};

/// Where the chain stands.
struct Tip {
    std::string chain;
    u64 height = 0;
    Hash root{};
    u64 transactions = 0; ///< in all blocks
    u64 starts = 0;       ///< of the node in this directory
    u64 history_from = 0; ///< the earliest height whose state can still be asked for
    u64 trees_from = 0;   ///< the earliest height whose state can still be proven
    u64 engine_height = 0; ///< the last height of the engine that orders; 0: none does. It counts empty blocks too
};

/// How much comes into a block; the first transaction always does.
struct BlockLimits {
    std::size_t transactions = std::numeric_limits<std::size_t>::max();
    std::size_t bytes = std::numeric_limits<std::size_t>::max();
    i64 gas = std::numeric_limits<i64>::max();
};

/// Where an intent's transaction is.
struct BlockPlace {
    u64 height = 0, position = 0;
};
[[nodiscard]] std::optional<BlockPlace> place_in(const RocksStore& store, const IntentId& intent);

/// What the ledger began with; nothing when it is damaged.
[[nodiscard]] std::optional<Genesis> genesis_in(const RocksStore& store);

/// Where a store stands, by what it says itself.
[[nodiscard]] Result<Tip> tip_in(const RocksStore& store);

class Chain {
public:
    struct Options {
        u64 min_free_bytes = 0; ///< 0: disk_refuse_percent
        unsigned signature_threads = 2;
        Prepare engine = nullptr; ///< the interpreter; engine_by_name knows the others
        u64 keep_history = 0;     ///< blocks whose state can be asked for; 0: all
        u64 keep_trees = 1000;    ///< blocks whose state can be proven; 0: all. Receipts always can
        u64 write_buffer_bytes = RocksStore::write_buffer_bytes;
    };
    /// Makes a ledger in a directory that is empty or not there yet.
    [[nodiscard]] static Problem create(const std::filesystem::path& directory,
                                        const Genesis& genesis);
    [[nodiscard]] static Result<std::unique_ptr<Chain>> open(const std::filesystem::path& directory,
                                                             const Options& options);

    /// A ledger that no node runs, for looking at: nothing on the disk changes while it is open.
    struct Closed {
        DirectoryLock lock;
        std::unique_ptr<RocksStore> store;
        Tip tip;
    };
    [[nodiscard]] static Result<Closed> open_to_read(const std::filesystem::path& directory);

    ~Chain();

    [[nodiscard]] const std::string& name() const { return name_; }
    /// Of the genesis, encoded: what the members of a network sign.
    [[nodiscard]] Hash genesis_hash() const;

    // ---- admission; from any thread
    /// Decodes each, checks the chain and every signature. In the order of the envelopes; alike on every node with
    /// this state.
    [[nodiscard]] std::vector<Result<SignedTransaction>> check_signatures(std::span<const Bytes> envelopes);
    /// The same, and the certificates of an enrolment: on the way in, once, and not when a block runs.
    [[nodiscard]] std::vector<Result<SignedTransaction>> admit(std::span<const Bytes> envelopes);

    // ---- the block thread's
    /// What a block comes to that has run, and is neither durable nor visible.
    struct Outcome {
        std::vector<Result<Answer>> answers; ///< for those that came in
        u64 height = 0;                      ///< of the ledger when it is committed
        Hash root{};
        bool changed = false; ///< else there is no block: height and root are those of before
    };
    /// Runs one block of as many of these as fit. Without transactions: due clauses only. What ran before and was
    /// not committed is forgotten.
    [[nodiscard]] Outcome run_block(std::span<const SignedTransaction* const> transactions, const BlockLimits& most);
    /// Makes the block that ran durable and visible.
    void commit(u64 engine_height = 0);
    /// What was agreed on, for those who fill blocks by what they use.
    [[nodiscard]] BlockLimits agreed_limits() const;
    /// Both at once, within the agreed limits; a block that would change nothing is not made.
    [[nodiscard]] std::vector<Result<Answer>>
    make_block(std::span<const SignedTransaction* const> transactions);
    [[nodiscard]] bool work_pending() const { return ledger_->work_pending(); }
    [[nodiscard]] u64 height() const { return tip_.height; }
    /// Rows of instances that the last block wrote.
    [[nodiscard]] u64 rows_written() const { return rows_written_; }
    /// What parts of the last block took: its transactions, the state tree, the rows for questions about the
    /// past with what is pruned, and the commit until it is durable.
    struct Times {
        std::chrono::microseconds run{0}, tree{0}, history{0}, commit{0};
    };
    [[nodiscard]] const Times& times() const { return times_; }
    /// Why the node takes no transactions now, if it does not.
    [[nodiscard]] Problem no_room() const;

    // ---- questions; from any thread, always about a whole block
    template <typename Ask> auto read(Ask ask) const {
        const std::lock_guard lock(reading_); // a question may hold several
        return ask(std::as_const(*reader_), std::as_const(tip_));
    }
    [[nodiscard]] RocksStore::Sizes store_sizes() const { return store_->sizes(); }
    /// A copy of the store at the height that it gives; no block comes in between. See RocksStore::checkpoint.
    [[nodiscard]] Result<Tip> checkpoint(const std::filesystem::path& path) const;
    [[nodiscard]] std::optional<BlockRecord> block(u64 height) const;
    /// Height and place in the block of an intent's transaction.
    [[nodiscard]] std::optional<BlockPlace> place_of(const IntentId& intent) const {
        return place_in(*store_, intent);
    }
    /// The same whether it was answered now or before; nothing for an intent never seen.
    [[nodiscard]] std::optional<Answer> answer_of(const IntentId& intent) const;
    [[nodiscard]] std::optional<Hash> latest_code(const std::string& module) const;
    /// The last height at which the business date was this one or earlier.
    [[nodiscard]] std::optional<u64> height_at(Date date) const;
    /// Asks the ledger as it was after a block; refused when that is not kept any more. `rows` and
    /// `prover` are there as long as the question.
    struct Past {
        u64 height = 0;
        Hash root{};
        const Ledger& ledger;
        const Store& rows;
    };
    [[nodiscard]] Problem ask_past(u64 height, const std::function<void(const Past&)>& ask) const;
    /// The same with the tree of that height.
    [[nodiscard]] Problem ask_proof(u64 height, const std::function<void(const Past&, const tree::Prover&)>& ask) const;
    /// The last block up to `height` that wrote a row; nothing where the history does not reach back to it.
    [[nodiscard]] std::optional<u64> written_at(const Bytes& row, u64 height) const;

private:
    Chain(std::filesystem::path directory, const Options& options, DirectoryLock lock,
          TipFile tip_file, std::unique_ptr<RocksStore> store, Tip tip);
    struct Building;
    struct Ran;
    [[nodiscard]] std::optional<Hash> first_of(const IntentId& intent, const Building& building) const;
    std::optional<VerifyKey> key_of(PartyId party);
    [[nodiscard]] Result<std::vector<VerifyKey>> keys_of(const SignedTransaction& signed_transaction);
    [[nodiscard]] bool still_holds(const SignedTransaction& signed_transaction) const;
    void forget_keys();
    Result<Answer> take(const SignedTransaction& signed_transaction, Building& block);
    void seal(Building& block);
    void check_conservation(const Building& building) const;
    void keep_evidence(const Building& block, CurrencyCode currency, const Ledger::Supply& supply) const;
    void prune(Tip& tip, RocksStore::Block& block);

    std::filesystem::path directory_;
    Options options_;
    DirectoryLock lock_;
    TipFile tip_file_; ///< the block thread's
    std::unique_ptr<RocksStore> store_;
    StateTree tree_;
    u64 rows_written_ = 0;
    Times times_;
    std::unique_ptr<Ran> ran_; ///< and is not committed
    u64 pruned_ = 0; ///< the stale nodes of every height up to this one are gone
    std::unique_ptr<Ledger> ledger_;       ///< the block thread's
    mutable std::recursive_mutex reading_; ///< held while a block becomes visible
    std::unique_ptr<Ledger> reader_;       ///< the same state, for questions
    Tip tip_;
    const std::string name_;
    SignaturePool signatures_;
    std::shared_mutex keys_mutex_;
    std::map<PartyId, VerifyKey> keys_; ///< as of the last block
    SignatureCache checked_{limits::block_transactions * 4};
};

} // namespace tally
