// `tally ir` and `tally exec`: programs in plain LLVM IR, compiled for the machine and run on it.
#include "tools/commands.hpp"
#include "tools/program_run.hpp"

#include "compiler/plain/plain.hpp"
#include "runtime/json_text.hpp"
#include "vm/bytecode/encode.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace tally {
namespace {

std::optional<std::string> content_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return in && !std::filesystem::is_directory(path) ? std::optional(text.str()) : std::nullopt;
}

/// The file's name without folder and ending.
std::string name_of(const std::string& path) { return std::filesystem::path(path).stem().string(); }

void complain(const std::string& path, const Refusal& refusal) {
    fmt::print(stderr, "error: {}: {}\n  where: {}\n  fix: {}\n", path, refusal.what, refusal.where, refusal.fix);
}

Refusal unreadable() { return {"file", "it cannot be read", "the file", "name a file of LLVM IR or a module of `tally ir`"}; }

std::variant<Module, Refusal> compile_file(const std::string& path) {
    const auto text = content_of(path);
    if (!text) return unreadable();
    return compile_plain(*text, name_of(path));
}

std::variant<Module, Refusal> module_of(const std::string& path) {
    if (const auto ending = std::filesystem::path(path).extension(); ending == ".ll" || ending == ".bc") return compile_file(path);
    const auto bytes = content_of(path);
    if (!bytes) return unreadable();
    auto module = decode({reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()});
    if (auto* error = std::get_if<ModuleError>(&module)) return Refusal{"file", error->what, "the module", "make it with `tally ir`"};
    return std::move(std::get<Module>(module));
}

Refusal unfit(const VerifyError& error) {
    return {"size", error.what, error.function == none ? "the module" : "function " + std::to_string(error.function), "make it smaller"};
}

using Loaded = std::shared_ptr<const Program>;

std::variant<Loaded, Refusal> program_of(const std::string& path) {
    auto module = module_of(path);
    if (auto* refusal = std::get_if<Refusal>(&module)) return std::move(*refusal);
    if (!std::get<Module>(module).program.present) return Refusal{"file", "it is no program but contracts", "the module", "deploy it, or `tally test` its source"};
    auto loaded = load(std::move(std::get<Module>(module)), {});
    if (auto* error = std::get_if<VerifyError>(&loaded)) return unfit(*error);
    return std::get<Loaded>(std::move(loaded));
}

int run_ir(const std::string& path, const std::string& out_path) {
    const auto module = compile_file(path);
    if (const auto* refusal = std::get_if<Refusal>(&module)) return complain(path, *refusal), 1;
    const auto verified = verify(std::get<Module>(module));
    if (const auto* error = std::get_if<VerifyError>(&verified)) return complain(path, unfit(*error)), 1;
    const Bytes bytes = encode(std::get<Module>(module));
    const std::string to = out_path.empty() ? std::filesystem::path(path).replace_extension(".module").string() : out_path;
    std::ofstream out(to, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!out) return fmt::print(stderr, "error: {} cannot be written\n", to), 1;
    fmt::print("{}: {} bytes, {} functions\n", to, bytes.size(), std::get<Module>(module).functions.size());
    return 0;
}

struct ExecOptions {
    std::vector<std::string> files, engines{"interpreter"};
    std::string entry = "main";
    i64 gas = 100'000'000'000;
    bool json = false;
};

bool ended_by_itself(Trap trap) { return trap == Trap::None || trap == Trap::Exit || trap == Trap::Abort; }

void explain(const std::string& path, const ProgramEnd& end, const std::string& entry) {
    const TrapInfo* const info = trap_info(end.trap);
    if (end.trap == Trap::NoSuchEntry) return complain(path, {"", "it has no function `" + entry + "`", "the program", "name one with --entry"});
    if (ended_by_itself(end.trap) || info == nullptr) return;
    fmt::print(stderr, "error: {}: {}\n  where: {}\n  fix: {}\n", path, info->what, end.where.empty() ? "the program" : "the function `" + end.where + "`", info->fix);
}

JsonObject line_of(const std::string& path) { return JsonObject().text("file", path); }

/// One program on every engine; the highest code of them.
int exec_file(const std::string& path, const ExecOptions& options) {
    const auto program = program_of(path);
    if (const auto* refusal = std::get_if<Refusal>(&program)) {
        if (options.json) fmt::print("{}\n", line_of(path).text("refused", refusal->topic).text("what", refusal->what).text("where", refusal->where).done());
        else complain(path, *refusal);
        return code_of_refusal;
    }
    int code = 0;
    for (const auto& engine : options.engines) {
        const Loaded on_engine = with_engine(*std::get<Loaded>(program), program_engine(engine)->prepare);
        const auto end = run_program(*on_engine, options.entry, options.gas);
        const TrapInfo* const info = trap_info(end.trap);
        if (options.json) fmt::print("{}\n", line_of(path).text("engine", engine).number("code", static_cast<u64>(end.code)).number("result", end.result).text("trap", info == nullptr ? "" : info->name).text("where", end.where).number("gas", static_cast<u64>(end.gas_used)).done());
        else explain(path, end, options.entry);
        code = std::max(code, end.code);
    }
    return code;
}

Refusal unknown_engine(const std::string& name) {
    std::string known;
    for (const auto& engine : program_engines()) known += (known.empty() ? "" : ", ") + std::string(engine.name);
    return {"", "there is no engine `" + name + "`", "the command line", "choose of " + known};
}

int run_exec(const ExecOptions& options) {
    for (const auto& engine : options.engines)
        if (program_engine(engine) == nullptr) return complain("--engine", unknown_engine(engine)), code_of_refusal;
    if (options.files.size() == 1) return exec_file(options.files[0], options);
    int worst = 0;
    for (const auto& file : options.files) {
        const int code = exec_file(file, options);
        if (!options.json) fmt::print("{}: {}\n", file, code);
        std::fflush(stdout);
        worst = std::max(worst, code == 0 ? 0 : 1);
    }
    return worst;
}

} // namespace

void add_program_commands(CLI::App& app) {
    struct IrOptions {
        std::string file, out;
    };
    auto ir = std::make_shared<IrOptions>();
    auto* compile = app.add_subcommand("ir", "compiles a program in plain LLVM IR to a module of the machine (docs/programs.md)");
    compile->add_option("file", ir->file, "LLVM IR, text or bitcode, of clang-19 -emit-llvm")->required();
    compile->add_option("-o", ir->out, "where the module goes (beside the file, ending in .module)");
    compile->callback([ir] { throw CLI::RuntimeError(run_ir(ir->file, ir->out)); });

    auto exec = std::make_shared<ExecOptions>();
    auto* run = app.add_subcommand("exec", "runs a program of `tally ir`; its exit code becomes the command's (docs/programs.md)");
    run->add_option("files", exec->files, "a module, or LLVM IR ending in .ll or .bc; of several, each code is shown")->required();
    run->add_option("--entry", exec->entry, "the function to run")->capture_default_str();
    run->add_option("--gas", exec->gas, "the most gas it may use")->check(CLI::NonNegativeNumber)->capture_default_str();
    run->add_option("--engine", exec->engines, "one or several of the machine's engines: interpreter, template")->delimiter(',')->capture_default_str();
    run->add_flag("--json", exec->json, "a line of JSON for each run");
    run->callback([exec] { throw CLI::RuntimeError(run_exec(*exec)); });
}

} // namespace tally
