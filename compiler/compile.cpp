#include "compiler/compile.hpp"

#include "compiler/check/check.hpp"
#include "compiler/emit/emit.hpp"
#include "compiler/lock.hpp"
#include "compiler/expand/adds.hpp"
#include "compiler/expand/book.hpp"
#include "compiler/parse/parse.hpp"
#include "vm/bytecode/encode.hpp"
#include "vm/bytecode/limits.hpp"
#include "vm/bytecode/verify.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

namespace tally {

namespace fs = std::filesystem;

namespace {

/// The text of a file, or nothing. Only plain files: no device or pipe can stall the compiler.
std::optional<std::string> read_file(const std::string& path, std::string& why) {
    std::error_code error;
    if (!fs::is_regular_file(path, error)) {
        why = fs::exists(path, error) ? "it is not a file" : "there is no such file";
        return std::nullopt;
    }
    if (fs::file_size(path, error) > source_bytes_max) {
        why = "it is larger than 1 MiB";
        return std::nullopt;
    }
    std::ifstream in(path, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (!in.good() && !in.eof()) {
        why = "reading it failed";
        return std::nullopt;
    }
    return text;
}

/// The module name that a file declares, without parsing it whole: `module a.b version 1;`.
std::string declared_module(const std::string& text) {
    std::size_t at = 0;
    const auto skip = [&] {
        for (;;) {
            while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r')) ++at;
            if (text.compare(at, 2, "//") == 0) at = std::min(text.find('\n', at), text.size());
            else if (text.compare(at, 2, "/*") == 0) at = text.find("*/", at) == std::string::npos ? text.size() : text.find("*/", at) + 2;
            else return;
        }
    };
    skip();
    if (text.compare(at, 7, "module ") != 0) return "";
    at += 7;
    skip();
    const auto end = text.find_first_of(" \t\r\n;", at);
    return end == std::string::npos ? "" : text.substr(at, end - at);
}

class Loader {
public:
    explicit Loader(Compilation& out) : out_(out) {
        for (const auto& [name, text] : stdlib_files()) known_[declared_module(std::string(text))] = {"std/" + std::string(name), std::string(text)};
    }

    void also(const EmbeddedFiles& files) {
        for (const auto& [name, text] : files) known_.try_emplace(declared_module(std::string(text)), std::string(name), std::string(text));
    }

    void folder_of(const std::string& path) {
        std::error_code error;
        const auto folder = fs::path(path).parent_path();
        std::vector<fs::path> names;
        for (const auto& entry : fs::directory_iterator(folder.empty() ? fs::path(".") : folder, error))
            if (entry.path().extension() == ".tally" && entry.is_regular_file(error) && !entry.is_symlink(error)) names.push_back(entry.path());
        std::sort(names.begin(), names.end());
        for (const auto& name : names) {
            std::string why;
            if (fs::equivalent(name, path, error)) continue;
            if (auto text = read_file(name.string(), why)) known_.try_emplace(declared_module(*text), name.string(), *text);
        }
    }

    /// The folder's lock, if it has one.
    void lock_of(const std::string& path, std::uint32_t number) {
        const auto file = (fs::path(path).parent_path() / lock_name).string();
        std::error_code error;
        if (!fs::exists(file, error)) return;
        std::string why;
        const auto text = read_file(file, why);
        lock_ = text ? read_lock(*text) : std::nullopt;
        if (!lock_) out_.sink.report(Diag::LockMismatch, {number, 0, 0}, {file, text ? "it is no lock file" : why});
    }

    /// Parses a file after everything it imports.
    void load(const std::string& path, std::string text) {
        const auto number = out_.sources.add(path, std::move(text));
        auto file = parse(out_.sources, number, out_.sink);
        if (!file) return;
        expand_books(*file, out_.sources, out_.sink);
        if (out_.sink.empty()) expand_adds(*file, out_.sources, out_.sink);
        if (!out_.sink.empty()) return;
        open_.insert(file->module);
        for (const auto& import : file->imports) {
            if (loaded_.contains(import.module)) continue;
            if (open_.contains(import.module)) {
                out_.sink.report(Diag::CyclicCalls, import.span, {file->module, import.module + " imports it back"});
                continue;
            }
            const auto found = known_.find(import.module);
            if (found == known_.end()) {
                unknown_module(import);
                continue;
            }
            if (lock_ && !as_locked(import, found->second.second)) return;
            load(found->second.first, found->second.second);
            if (!out_.sink.empty()) return;
        }
        open_.erase(file->module);
        loaded_.insert(file->module);
        out_.files.push_back(std::make_unique<syntax::File>(std::move(*file)));
    }

private:
    bool as_locked(const syntax::Import& import, const std::string& text) {
        const auto entry = lock_->find(import.module);
        if (entry != lock_->end() && entry->second == import_hash(text)) return true;
        out_.sink.report(Diag::LockMismatch, import.span, {import.module, entry == lock_->end() ? "it is not in it" : "its text has changed"});
        return false;
    }

    void unknown_module(const syntax::Import& import) {
        std::vector<std::string> names;
        for (const auto& [name, file] : known_)
            if (!name.empty()) names.push_back(name);
        const auto near = closest(import.module, names);
        auto& d = out_.sink.report(Diag::UnknownModule, import.span, {import.module, near.empty() ? "check its name, and the folder it is in" : "did you mean `" + near + "`?"});
        if (!near.empty()) d.suggest(Applicability::Likely, import.span, near);
    }

    Compilation& out_;
    std::map<std::string, std::pair<std::string, std::string>> known_; ///< module → path, text
    std::set<std::string> loaded_, open_;
    std::optional<Lock> lock_;
};

void finish(Compilation& c) {
    if (!c.sink.empty()) return;
    std::vector<const syntax::File*> files;
    for (const auto& f : c.files) files.push_back(f.get());
    c.program = check_program(files, c.sink);
}

/// What identifies the source: every file that went into it, by module name.
Hash source_hash(const Compilation& c) {
    ByteWriter out;
    for (const auto& f : c.files) {
        out.text(f->module);
        out.text(c.sources.file(f->number).text);
    }
    return tagged_hash("tally/source/v1", out.data());
}

} // namespace

std::unique_ptr<Compilation> check_file(const std::string& path, Locked locked) {
    auto out = std::make_unique<Compilation>();
    std::string why;
    auto text = read_file(path, why);
    if (!text) {
        out->sink.report(Diag::CannotRead, {out->sources.add(path, ""), 0, 0}, {path, why});
        return out;
    }
    Loader loader(*out);
    loader.folder_of(path);
    if (locked == Locked::Yes) loader.lock_of(path, out->sources.add(path, *text));
    if (out->sink.empty()) loader.load(path, std::move(*text));
    finish(*out);
    return out;
}

std::unique_ptr<Compilation> check_text(const std::string& name, const std::string& text, const EmbeddedFiles& beside) {
    auto out = std::make_unique<Compilation>();
    Loader loader(*out);
    loader.also(beside);
    loader.load(name, text);
    finish(*out);
    return out;
}

Build build(Compilation& c, Tests tests, Optimise level, bool keep_ir) {
    Build out;
    if (!c.sink.empty()) return out;
    auto ir = lower(c.program, c.sources, tests, c.sink);
    if (!c.sink.empty()) return out;
    if (keep_ir) out.ir = print(ir);
    const Span whole = c.program.root().syntax->module_span;
    if (const auto fault = optimise(ir, level); !fault.empty()) {
        c.sink.report(Diag::Internal, whole, {fault});
        return out;
    }
    if (keep_ir) out.optimised_ir = print(ir);
    out.module = emit(ir, c.sink, out.notes);
    if (!c.sink.empty()) return out;
    out.module.compiler = compiler_version;
    out.module.source = source_hash(c);
    std::size_t instructions = 0;
    for (const auto& f : out.module.functions) instructions += f.code.size();
    if (instructions > limits::module_instructions) {
        c.sink.report(Diag::FunctionTooLarge, whole, {out.module.name, std::to_string(instructions) + " instructions, at most " + std::to_string(limits::module_instructions) + " fit"});
        return out;
    }
    // What the machine would refuse must never leave the compiler.
    auto verdict = verify(out.module);
    const auto* error = std::get_if<VerifyError>(&verdict);
    if (error != nullptr && error->size) {
        c.sink.report(Diag::FunctionTooLarge, whole, {out.module.functions[error->function].name, "with all that it calls it takes more than " + std::to_string(limits::frame_bytes) + " bytes of memory, or " + std::to_string(limits::call_depth) + " calls inside each other"});
        return out;
    }
    if (error != nullptr) {
        const auto where = error->function < out.module.functions.size() ? " in `" + out.module.functions[error->function].name + "` at " + std::to_string(error->instruction) : std::string();
        c.sink.report(Diag::Internal, whole, {"the verifier refuses it: " + error->what + where});
        return out;
    }
    out.facts = std::move(std::get<Verified>(verdict));
    out.bytes = encode(out.module);
    if (out.bytes.size() > limits::module_bytes) {
        c.sink.report(Diag::FunctionTooLarge, whole, {out.module.name, std::to_string(out.bytes.size()) + " bytes, at most " + std::to_string(limits::module_bytes) + " fit"});
        out.bytes.clear();
    }
    return out;
}

std::vector<std::string> module_files(const std::string& path) {
    auto compilation = check_file(path);
    std::vector<std::string> out;
    for (const auto& f : compilation->files) {
        const auto& source = compilation->sources.file(f->number);
        if (source.path.rfind("std/", 0) == 0 || f->contracts.empty()) continue;
        out.push_back(source.path);
    }
    return out;
}

} // namespace tally
