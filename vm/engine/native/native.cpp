#include "vm/engine/native/native.hpp"

#include "vm/engine/native/code_memory.hpp"
#include "vm/engine/run_state.hpp"

#if defined(TALLY_NATIVE)
#include "vm/engine/native/emitter.hpp"
#endif

namespace tally {

/// The code of a program, and what it points to.
struct NativeCode {
    std::unique_ptr<CodeMemory> memory;
    std::vector<std::array<Decoded, 2>> steps;
    std::vector<const void*> entries; ///< by function
    void (*enter)(Machine*, const void* entry) = nullptr;
};

namespace {

#if defined(TALLY_NATIVE)

std::size_t instructions_of(const Module& module) {
    std::size_t count = 0;
    for (const Function& f : module.functions) count += f.code.size();
    return count;
}

class Complaint final : public asmjit::ErrorHandler {
public:
    bool any = false;
    void handleError(asmjit::Error, const char*, asmjit::BaseEmitter*) override { any = true; }
};

std::shared_ptr<const NativeCode> compiled(const Program& program) {
    const std::size_t instructions = instructions_of(program.module);
    auto out = std::make_shared<NativeCode>();
    out->entries.resize(program.module.functions.size());
    asmjit::CodeHolder code;
    Complaint complaint;
    if (code.init(asmjit::Environment::host()) != asmjit::kErrorOk) return nullptr;
    code.setErrorHandler(&complaint);
    asmjit::x86::Assembler assembler(&code);
    native::Emitter emitter(assembler, program, out->entries.data());
    emitter.steps.reserve(instructions); // never moves: the code has the addresses
    const asmjit::Label start = emitter.prologue();
    for (std::uint32_t f = 0; f < program.module.functions.size(); ++f) emitter.function(f);
    if (complaint.any || code.flatten() != asmjit::kErrorOk || code.resolveUnresolvedLinks() != asmjit::kErrorOk) return nullptr;
    const std::size_t bytes = code.codeSize();
    if (bytes > native_bytes_per_instruction * instructions + native_bytes_more) return nullptr;
    out->memory = CodeMemory::make(bytes, [&](std::uint8_t* to) {
        return code.relocateToBase(reinterpret_cast<std::uint64_t>(to)) == asmjit::kErrorOk && code.copyFlattenedData(to, bytes) == asmjit::kErrorOk && !complaint.any;
    });
    if (out->memory == nullptr) return nullptr;
    const auto at = [&](const asmjit::Label& label) { return out->memory->data() + code.labelOffsetFromBase(label); };
    for (std::uint32_t f = 0; f < out->entries.size(); ++f) out->entries[f] = at(emitter.entry(f));
    out->enter = reinterpret_cast<void (*)(Machine*, const void*)>(reinterpret_cast<std::uintptr_t>(at(start)));
    out->steps = std::move(emitter.steps);
    return out;
}

#else

std::shared_ptr<const NativeCode> compiled(const Program&) { return nullptr; }

#endif

// clang's check of a call through a pointer reads what stands in front of the function; machine code has no such mark.
#if defined(__clang__)
__attribute__((no_sanitize("function")))
#endif
Outcome run_native(const Program& program, const Start& start) {
    if (!may_start(program, start)) return {Trap::BadArgument, 0, 0, 0, start.function, 0};
    Stacks stacks(program, start.function);
    Machine m = begin(program, start, stacks);
    program.native->enter(&m, program.native->entries[start.function]);
    return end(m, start);
}

} // namespace

bool use_native_code(Program& program) {
    program.native = compiled(program);
    program.engine = program.native == nullptr ? interpret : run_native;
    return program.native != nullptr;
}

std::shared_ptr<const Program> on_native_code(const std::shared_ptr<const Program>& program) {
    auto native = with_engine(*program, use_native_code);
    return native->native != nullptr ? native : program;
}

std::size_t native_code_bytes(const Program& program) { return program.native == nullptr ? 0 : program.native->memory->size(); }

} // namespace tally
