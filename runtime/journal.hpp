/// What a block has written so far, over the state before it. Savepoints nest; going back to one
/// undoes everything since, counters included. It is a store itself, so that a question can write
/// into a journal of its own over the block's.
#pragma once

#include "runtime/store.hpp"

namespace tally {

class Journal : public Store {
public:
    explicit Journal(const Store& below) : below_(below) {}

    [[nodiscard]] std::optional<Bytes> get(const Bytes& key) const override;
    [[nodiscard]] std::optional<std::pair<Bytes, Bytes>> next(const Bytes& prefix,
                                                              const Bytes& after) const override;
    [[nodiscard]] bool has(const Bytes& key) const;
    void put(const Bytes& key, Bytes value) { write(key, std::move(value)); }
    void erase(const Bytes& key) { write(key, std::nullopt); }

    using Savepoint = std::size_t;
    [[nodiscard]] Savepoint savepoint() const { return undo_.size(); }
    void rollback(Savepoint to);
    /// Nothing before this point will be undone any more.
    void settle() { undo_.clear(); }
    [[nodiscard]] std::size_t writes_since(Savepoint point) const { return undo_.size() - point; }

    [[nodiscard]] const WriteSet& writes() const { return writes_; }
    void clear();

private:
    void write(const Bytes& key, std::optional<Bytes> value);

    struct Undo {
        WriteSet::iterator at; ///< map iterators stay valid
        bool fresh;            ///< the key was not in the journal before
        std::optional<Bytes> before;
    };
    const Store& below_;
    WriteSet writes_;
    std::vector<Undo> undo_;
};

} // namespace tally
