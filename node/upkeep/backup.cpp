#include "node/upkeep/backup.hpp"

#include "node/files.hpp"
#include "node/upkeep/admin_socket.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <sys/socket.h>
#include <unistd.h>

namespace tally {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view first_line = "tallystick backup 1";
constexpr std::size_t list_bytes_max = 16U << 20, chunk_bytes = 1U << 20, answer_bytes_max = 4096;

NodeError cannot_write(const fs::path& path) { return {NodeCode::CannotWrite, path.string()}; }
NodeError bad(std::string what) { return {NodeCode::BadBackup, std::move(what)}; }

struct Copied {
    Hash hash{};
    u64 bytes = 0;
};

/// Byte by byte, hashed on the way, and durable.
Result<Copied> copy_hashed(const fs::path& from, const fs::path& to) {
    std::ifstream in(from, std::ios::binary);
    if (!in) return NodeError{NodeCode::BadInput, from.string() + " cannot be read"};
    std::ofstream out(to, std::ios::binary | std::ios::trunc);
    std::vector<char> buffer(chunk_bytes);
    Sha256 hash;
    Copied copied;
    while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), in.gcount() > 0) {
        out.write(buffer.data(), in.gcount());
        hash.add(ByteView(reinterpret_cast<const std::uint8_t*>(buffer.data()), static_cast<std::size_t>(in.gcount())));
        copied.bytes += static_cast<u64>(in.gcount());
    }
    if (!in.eof() || !out.flush()) return cannot_write(to);
    out.close();
    if (auto problem = sync_file(to)) return *problem;
    copied.hash = hash.done();
    return copied;
}

Problem make_folder(const fs::path& path) {
    std::error_code error;
    if (fs::create_directories(path, error) && !error) return std::nullopt;
    return NodeError{NodeCode::CannotWrite, path.string() + ": " + (error ? error.message() : "is there already")};
}

/// Not there, or an empty directory.
bool is_free(const fs::path& path) {
    std::error_code error;
    return !fs::exists(path, error) || (fs::is_directory(path, error) && fs::is_empty(path, error));
}

fs::path beside(fs::path path) {
    if (!path.has_filename()) path = path.parent_path(); // `folder/`
    return path += ".part";
}

/// The folder gets its name when everything in it is durable.
Problem give_name(const fs::path& part, const fs::path& path) {
    std::error_code error;
    if (fs::exists(part / "db", error))
        if (auto problem = sync_directory(part / "db")) return problem;
    if (auto problem = sync_directory(part)) return problem;
    fs::remove(path, error); // empty
    fs::rename(part, path, error);
    if (error) return NodeError{NodeCode::CannotWrite, path.string() + ": " + error.message()};
    return sync_directory(fs::absolute(path, error).parent_path());
}

/// Copies what a backup has of a ledger's files and writes the list.
class Writer {
public:
    explicit Writer(fs::path part) : part_(std::move(part)) {}
    Problem add(const fs::path& from, const std::string& name) {
        const auto copied = copy_hashed(from, part_ / name);
        if (!copied) return copied.error();
        lines_ += fmt::format("{}  {}  {}\n", hex(copied->hash), copied->bytes, name);
        ++out_.files;
        out_.bytes += copied->bytes;
        return std::nullopt;
    }
    Problem add_store(const fs::path& database) {
        if (auto problem = make_folder(part_ / "db")) return problem;
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(database))
            if (entry.is_regular_file() && entry.path().filename() != "LOCK") names.push_back(entry.path().filename().string());
        std::sort(names.begin(), names.end());
        for (const std::string& name : names)
            if (auto problem = add(database / name, "db/" + name)) return problem;
        return std::nullopt;
    }
    Result<Backup> finish(const Tip& tip) {
        out_.chain = tip.chain;
        out_.height = tip.height;
        out_.root = tip.root;
        std::string text = fmt::format("{}\nchain {}\nheight {}\nroot {}\n{}", first_line, tip.chain, tip.height, hex(tip.root), lines_);
        text += "check " + hex(sha256(to_bytes(text))) + "\n";
        if (auto problem = write_new_file(part_ / "BACKUP", text, 0644)) return *problem;
        return out_;
    }

private:
    fs::path part_;
    std::string lines_;
    Backup out_;
};

/// Into a folder beside the destination, which gets its name at the end; `fill` does the work.
template <typename Fill> Result<Backup> into(const fs::path& destination, Fill fill) {
    if (!is_free(destination)) return NodeError{NodeCode::DirectoryNotEmpty, destination.string()};
    const fs::path part = beside(destination);
    std::error_code ignored;
    fs::remove_all(part, ignored); // of one that was stopped
    if (auto problem = make_folder(part)) return *problem;
    Result<Backup> done = fill(part);
    if (done)
        if (auto problem = give_name(part, destination)) done = *problem;
    if (!done) fs::remove_all(part, ignored);
    return done;
}

/// A line of the node's, without its end.
std::string line_from(int file) {
    std::string text;
    char c = 0;
    while (text.size() < answer_bytes_max && ::recv(file, &c, 1, 0) == 1 && c != '\n')
        text += c;
    return text;
}

struct Listed {
    Backup backup;
    std::vector<std::pair<std::string, Copied>> files;
};

/// Only what `Writer` wrote.
std::optional<std::pair<std::string, Copied>> listed_file(const std::string& line) {
    std::istringstream in(line);
    std::string hash_text, name;
    Copied file;
    Bytes hash;
    if (!(in >> hash_text >> file.bytes >> name) || !unhex(hash_text, hash) || hash.size() != file.hash.size()) return std::nullopt;
    std::copy(hash.begin(), hash.end(), file.hash.begin());
    const fs::path path(name);
    const bool inside = path == path.filename() || (path.parent_path() == "db" && path.has_filename());
    if (!inside || path.filename() == "..") return std::nullopt;
    return std::pair(name, file);
}

Result<Listed> read_list(const fs::path& backup) {
    const auto text = read_file(backup / "BACKUP", list_bytes_max);
    if (!text) return bad(text.error().detail);
    const std::size_t last = text->rfind("check ");
    if (last == std::string::npos || text->substr(last) != "check " + hex(sha256(to_bytes(text->substr(0, last)))) + "\n")
        return bad("its list of files is not what was written");
    std::istringstream in(text->substr(0, last));
    std::string line, word, root;
    Listed out;
    if (!std::getline(in, line) || line != first_line) return bad("it is of another version");
    Bytes root_bytes;
    const bool headed = std::getline(in, line) && line.starts_with("chain ") && in >> word >> out.backup.height >> word >> root;
    if (!headed || !unhex(root, root_bytes) || root_bytes.size() != out.backup.root.size()) return bad("its list of files");
    out.backup.chain = line.substr(6);
    std::copy(root_bytes.begin(), root_bytes.end(), out.backup.root.begin());
    std::getline(in, line); // the rest of the root's
    while (std::getline(in, line)) {
        auto file = listed_file(line);
        if (!file) return bad("its list of files: " + line);
        out.files.push_back(std::move(*file));
    }
    return out;
}

Problem copy_listed(const Listed& listed, const fs::path& backup, const fs::path& part) {
    if (auto problem = make_folder(part / "db")) return problem;
    for (const auto& [name, file] : listed.files) {
        const auto copied = copy_hashed(backup / name, part / name);
        if (!copied) return bad(copied.error().detail);
        if (copied->bytes != file.bytes || copied->hash != file.hash) return bad(name + " is not what was written");
    }
    return std::nullopt;
}

} // namespace

Result<Backup> backup_closed(const fs::path& directory, const fs::path& destination) {
    const auto closed = Chain::open_to_read(directory);
    if (!closed) return closed.error();
    if (auto problem = closed->store->verify_files()) return *problem; // a damaged ledger makes no backup
    return into(destination, [&](const fs::path& part) -> Result<Backup> {
        Writer writer(part);
        for (const char* const name : {"node.id", "node.tip"})
            if (fs::exists(directory / name)) // a directory of the first version has none until it is started
                if (auto problem = writer.add(directory / name, name)) return *problem;
        if (auto problem = writer.add_store(directory / "db")) return *problem;
        return writer.finish(closed->tip);
    });
}

Result<Backup> backup_running(const fs::path& directory, const fs::path& destination) {
    const auto node = connect_to_admin(directory);
    if (!node) return node.error();
    auto done = into(destination, [&](const fs::path& part) -> Result<Backup> {
        constexpr std::string_view request = "checkpoint\n";
        (void)::send(*node, request.data(), request.size(), MSG_NOSIGNAL);
        std::istringstream answer(line_from(*node));
        std::string word, root;
        u64 height = 0;
        if (!(answer >> word >> height >> root) || word != "ok") return NodeError{NodeCode::BadAnswer, answer.str()};
        Writer writer(part);
        if (auto problem = writer.add(directory / "node.id", "node.id")) return *problem;
        if (auto problem = writer.add_store(directory / checkpoint_folder)) return *problem;
        const auto store = RocksStore::open_to_read(part / "db");
        if (!store) return store.error();
        const auto tip = tip_in(**store);
        if (!tip) return tip.error();
        if (tip->height != height || hex(tip->root) != root) return NodeError{NodeCode::BadAnswer, "the checkpoint is not at the height that the node said"};
        return writer.finish(*tip);
    });
    ::close(*node); // the node takes the checkpoint away
    return done;
}

Result<Backup> restore(const fs::path& backup, const fs::path& directory) {
    const auto listed = read_list(backup);
    if (!listed) return listed.error();
    return into(directory, [&](const fs::path& part) -> Result<Backup> {
        if (auto problem = copy_listed(*listed, backup, part)) return *problem;
        const auto closed = Chain::open_to_read(part);
        if (!closed) return closed.error();
        if (auto problem = closed->store->verify_files()) return *problem;
        const Tip& tip = closed->tip;
        if (tip.chain != listed->backup.chain || tip.height != listed->backup.height || tip.root != listed->backup.root)
            return bad(fmt::format("the store is of `{}` at height {}, the list says `{}` at {}", tip.chain, tip.height, listed->backup.chain, listed->backup.height));
        Backup out = listed->backup;
        out.files = listed->files.size();
        for (const auto& file : listed->files)
            out.bytes += file.second.bytes;
        return out;
    });
}

} // namespace tally
