#include "tests/bench/vm/engines.hpp"
#include "tests/bench/vm/subjects.hpp"

#include "tools/source_files.hpp"
#include "vm/bytecode/limits.hpp"

namespace tally::bench {
namespace {

constexpr double verify_bar_ns = 20, compile_bar_ns = 300;
constexpr double linear_bar = 1.5; ///< largest against smallest module, for each instruction

std::size_t instructions_of(const Module& module) {
    std::size_t count = 0;
    for (const Function& f : module.functions) count += f.code.size();
    return count;
}

/// `copies` times the loops' functions: a module as large as one wants.
Module copied(const Module& from, std::size_t copies) {
    Module out = from;
    out.functions.clear();
    for (std::size_t i = 0; i < copies; ++i) out.functions.insert(out.functions.end(), from.functions.begin(), from.functions.end());
    return out;
}

/// Functions of the contract that call nothing: they can be copied without renumbering.
Module leaves_of(const Module& module) {
    Module out;
    out.x_constants = module.x_constants;
    out.w_constants = module.w_constants;
    out.types = module.types;
    for (const Function& f : module.functions) {
        const auto bound = [](const Instruction& in) {
            const Immediate kind = op_info(in.op).imm;
            return kind == Immediate::Fn || kind == Immediate::Import || kind == Immediate::Vault;
        };
        if (std::none_of(f.code.begin(), f.code.end(), bound)) out.functions.push_back(f);
    }
    return out;
}

} // namespace

std::vector<Row> loading(int rounds, const std::string& contracts) {
    const auto built = build_modules({contracts + "/joint_loan"});
    if (!built || built->empty()) give_up("the joint loan does not compile");
    const Module leaves = leaves_of(built->back().module);
    const std::size_t one = instructions_of(leaves);
    // As large as any limit lets it be; a little is left for what is not functions.
    const std::size_t many = std::min({limits::module_instructions / one, limits::functions / leaves.functions.size(),
                                       (limits::module_bytes - 4096) / encode(leaves).size()});
    struct Sized {
        Bytes bytes;
        double instructions;
        ProgramRef program;
    };
    std::vector<Sized> modules;
    const auto add = [&](Module module) {
        Bytes bytes = encode(module);
        if (bytes.size() > limits::module_bytes) give_up("the largest module is too large");
        const auto instructions = static_cast<double>(instructions_of(module));
        modules.push_back({std::move(bytes), instructions, loaded(std::move(module))});
    };
    add(built->back().module);
    add(copied(leaves, many));
    std::vector<Subject> subjects;
    for (const Sized& m : modules) {
        const int times = m.instructions < 5000 ? 50 : 1;
        subjects.push_back({"decode and verify", m.instructions * times, [&m, times] {
            for (int i = 0; i < times; ++i) (void)verify(std::get<Module>(decode(m.bytes)));
        }});
        subjects.push_back({"load", m.instructions * times, [&m, times] {
            for (int i = 0; i < times; ++i) (void)loaded(std::get<Module>(decode(m.bytes)));
        }});
        subjects.push_back({"compile", m.instructions * times, [&m, times] {
            for (int i = 0; i < times; ++i) {
                const ProgramRef native = with_engine(*m.program, use_native_code);
                if (native->native == nullptr) give_up("no machine code");
            }
        }});
        subjects.push_back({"copy", m.instructions * times, [&m, times] { // what `compile` above does beside compiling
            for (int i = 0; i < times; ++i) (void)with_engine(*m.program, nullptr);
        }});
    }
    const auto ns = measure(subjects, rounds);
    std::vector<Row> out;
    const char* const sizes[] = {"joint_loan", "the largest"};
    double compiled[2] = {};
    for (std::size_t i = 0; i < modules.size(); ++i) {
        const double verified = ns[4 * i], threaded = ns[4 * i + 1] - verified;
        compiled[i] = ns[4 * i + 2] - ns[4 * i + 3];
        const std::string size = std::string(sizes[i]) + ", " + std::to_string(static_cast<long>(modules[i].instructions)) + " instructions";
        out.push_back({"decode and verify, " + size, verified, 0, verified, "ns/instr", verify_bar_ns});
        out.push_back({"thread for the interpreter, " + size, threaded, 0, threaded, "ns/instr", 0});
        out.push_back({"template compiler, " + size, compiled[i], 0, compiled[i], "ns/instr", compile_bar_ns});
        const double bytes = static_cast<double>(native_code_bytes(*on_native_code(modules[i].program))) / modules[i].instructions;
        out.push_back({"machine code, " + size, bytes, 0, bytes, "bytes/instr", static_cast<double>(native_bytes_per_instruction)});
    }
    out.push_back({"template compiler, largest to joint_loan", compiled[1], compiled[0], compiled[1] / compiled[0], "x", linear_bar});
    return out;
}

} // namespace tally::bench
