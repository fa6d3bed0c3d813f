#include "node/chain/rows.hpp"

#include "node/files.hpp"
#include "node/genesis_codec.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tally {
namespace {

std::filesystem::path database(const std::filesystem::path& directory) { return directory / "db"; }

/// Where a store is made before it is a ledger.
constexpr const char* unfinished_database = "db.new";

/// Nothing but what an `init` that was stopped leaves behind.
bool holds_nothing(const std::filesystem::path& directory) {
    constexpr std::string_view remains[] = {unfinished_database, "node.lock", "node.id", "node.id.new"};
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error))
        if (std::find(std::begin(remains), std::end(remains), entry.path().filename()) == std::end(remains)) return false;
    return !error;
}

/// The store has every block that it is known to have had, and it is the same one.
Problem check_tip(const RocksStore& store, const Tip& tip, const std::optional<TipFile::Known>& known) {
    if (!known) return std::nullopt;
    if (tip.height < known->height)
        return NodeError{NodeCode::BlocksLost, fmt::format("it ends at height {}, block {} was written", tip.height, known->height)};
    const auto bytes = store.block(known->height);
    BlockRecord block;
    if (bytes && decode(*bytes, block) && block.root == known->root) return std::nullopt;
    return NodeError{NodeCode::WrongDirectory, fmt::format("block {} is not the one that this directory had", known->height)};
}

/// Where the store stands, held against what it is known to have had.
Result<Tip> tip_of(const RocksStore& store, const std::optional<TipFile::Known>& known) {
    auto tip = tip_in(store);
    if (tip)
        if (auto problem = check_tip(store, *tip, known)) return *problem;
    return tip;
}

/// What can be seen before RocksDB looks, which would mend the files in its own way.
Problem check_files(const std::filesystem::path& directory, const TipFile& tip_file) {
    if (auto problem = tip_file.check_manifest()) return problem;
    return RocksStore::check_log(database(directory));
}

} // namespace

std::optional<Genesis> genesis_in(const RocksStore& store) {
    const auto bytes = store.index(genesis_key());
    return bytes ? decode_genesis(*bytes) : std::nullopt;
}

Result<Tip> tip_in(const RocksStore& store) {
    const auto meta = store.meta();
    Tip tip;
    if (!meta || !decode(*meta, tip)) return NodeError{NodeCode::StoreDamaged, "its meta row"};
    return tip;
}

Problem Chain::create(const std::filesystem::path& directory, const Genesis& genesis) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error || !holds_nothing(directory))
        return NodeError{NodeCode::DirectoryNotEmpty, directory.string()};
    auto lock = DirectoryLock::take(directory);
    if (!lock) return lock.error();
    const auto unfinished = directory / unfinished_database;
    std::filesystem::remove_all(unfinished, error);
    auto store = RocksStore::open(unfinished, true);
    if (!store) return store.error();
    Ledger ledger(**store);
    if (auto problem = ledger.genesis(genesis)) return NodeError{NodeCode::BadGenesis, *problem};
    Tip tip;
    tip.chain = genesis.chain;
    const StateTree state_tree(**store);
    const tree::Update update = state_tree.after(ledger.writes(), std::nullopt, 0);
    tip.root = update.root;
    BlockRecord record;
    record.date = genesis.start;
    record.root = tip.root;
    RocksStore::Block block{0, encode(record), {}, encode(tip)};
    block.rows.push_back({RocksStore::Family::Index, date_key(record.date), height_value(0)});
    block.rows.push_back({RocksStore::Family::Index, genesis_key(), encode(genesis)});
    StateTree::add(update, 0, block);
    (*store)->commit(ledger.writes(), block);
    ledger.committed();
    store->reset();
    if (auto problem = lock->write_note({tip.chain, tip.starts, {}})) return problem;
    // From here on it is a ledger. Stopped before, it is none, and `init` begins again.
    std::filesystem::rename(unfinished, database(directory), error);
    if (error) return NodeError{NodeCode::CannotWrite, error.message()};
    return sync_directory(directory);
}

Result<std::unique_ptr<Chain>> Chain::open(const std::filesystem::path& directory,
                                           const Options& options) {
    std::error_code error;
    if (!std::filesystem::exists(database(directory) / "CURRENT", error))
        return NodeError{NodeCode::NotInitialised, directory.string()};
    auto lock = DirectoryLock::take(directory);
    if (!lock) return lock.error();
    auto tip_file = TipFile::open(directory);
    if (!tip_file) return tip_file.error();
    if (auto problem = check_files(directory, *tip_file)) return *problem;
    auto store = RocksStore::open(database(directory), false, options.write_buffer_bytes);
    if (!store) return store.error();
    auto known_tip = tip_of(**store, tip_file->known());
    if (!known_tip) return known_tip.error();
    Tip tip = std::move(*known_tip);
    const auto found = lock->note();
    if (!found) return found.error();
    const auto& note = *found;
    if (note && (note->chain != tip.chain || note->starts > tip.starts))
        return NodeError{NodeCode::WrongDirectory,
                         fmt::format("the store is of `{}` and was started {} times, the directory "
                                     "is of `{}` and was started {} times",
                                     tip.chain, tip.starts, note->chain, note->starts)};
    // The store first: after a crash between the two it counts more than the note, never less.
    ++tip.starts;
    (*store)->write_meta(encode(tip));
    if (auto problem = lock->write_note({tip.chain, tip.starts, note ? note->node : std::string()})) return *problem;
    if (auto problem = tip_file->write(tip.height, tip.root)) return *problem;
    return std::unique_ptr<Chain>(new Chain(directory, options, std::move(*lock), std::move(*tip_file),
                                            std::move(*store), std::move(tip)));
}

Result<Chain::Closed> Chain::open_to_read(const std::filesystem::path& directory) {
    std::error_code error;
    if (!std::filesystem::exists(database(directory) / "CURRENT", error))
        return NodeError{NodeCode::NotInitialised, directory.string()};
    auto lock = DirectoryLock::take(directory);
    if (!lock) return lock.error();
    const auto tip_file = TipFile::open(directory);
    if (!tip_file) return tip_file.error();
    if (auto problem = check_files(directory, *tip_file)) return *problem;
    auto store = RocksStore::open_to_read(database(directory));
    if (!store) return store.error();
    auto tip = tip_of(**store, tip_file->known());
    if (!tip) return tip.error();
    return Closed{std::move(*lock), std::move(*store), std::move(*tip)};
}

} // namespace tally
