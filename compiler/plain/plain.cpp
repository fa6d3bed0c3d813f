#include "compiler/plain/plain.hpp"

#include "compiler/emit/emit.hpp"
#include "compiler/plain/legalise.hpp"
#include "compiler/plain/read.hpp"
#include "compiler/plain/refuse.hpp"
#include "vm/bytecode/limits.hpp"

namespace tally {

namespace {

using namespace plain_detail;

/// What the program may want of memory, its stack left out.
constexpr std::uint64_t memory_max = limits::program_memory - limits::program_frame_bytes;

Refusal fault(const std::string& what) { return {"not lowered", what, "the module", "this is a gap of `tally ir`: report it"}; }

std::optional<Refusal> too_large(const llvm::Module& program, Memory& memory) {
    const auto refuse = [](const std::string& what) { return Refusal{"size", what, "the module", "make it smaller"}; };
    if (memory.bytes() > memory_max) return refuse("more memory than " + std::to_string(memory_max) + " bytes");
    if (program.size() > limits::functions) return refuse("more functions than " + std::to_string(limits::functions));
    if (memory.image().size() > limits::program_bytes) return refuse("more bytes of initial values than " + std::to_string(limits::program_bytes));
    return std::nullopt;
}

} // namespace

std::variant<Module, Refusal> compile_plain(std::string_view text, const std::string& name) {
    Ir ir;
    ir.impl = std::make_unique<IrImpl>();
    Refusal refusal;
    const auto program = read(text, ir.impl->context, refusal);
    if (!program) return refusal;
    if (const auto wrong = link_library(*program)) return *wrong;
    if (const auto wrong = refusal_of(*program)) return *wrong;
    Memory memory(*program);
    if (const auto wrong = too_large(*program, memory)) return *wrong;
    if (const auto wrong = legalise(*program, memory, *ir.impl); !wrong.empty()) return fault(wrong);
    ir.impl->interface.name = name;
    Sink sink;
    CostNotes notes;
    Module out = emit(ir, sink, notes);
    if (!sink.empty()) return Refusal{"size", sink.sorted()[0].what(), "the module", sink.sorted()[0].fix()};
    return out;
}

} // namespace tally
