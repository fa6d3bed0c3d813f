#include "compiler/plain/legalise.hpp"

#include "compiler/plain/translator.hpp"

#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>

namespace tally::plain_detail {

namespace {

ResultBank bank_of_result(const llvm::Type* type) {
    return type->isVoidTy() ? ResultBank::None : type->isIntegerTy(bits_max) ? ResultBank::W : ResultBank::X;
}

/// The interface of a function in the machine: wide parameters apart from the others.
Function shape_of(const llvm::Function& f) {
    Function out;
    out.name = f.getName().str();
    for (const auto& parameter : f.args()) ++(parameter.getType()->isIntegerTy(bits_max) ? out.w_params : out.x_params);
    out.result = bank_of_result(f.getReturnType());
    return out;
}

void declare(const llvm::Module& program, Shared& shared, IrImpl& out) {
    Builder b(out.context);
    for (const auto& f : program) {
        if (f.isDeclaration()) continue;
        auto* const type = legal_signature(b, f.getReturnType(), f.getFunctionType()->params(), shared.layout);
        auto* const legal = llvm::Function::Create(type, llvm::Function::ExternalLinkage, f.getName(), shared.out);
        shared.functions[&f] = legal;
        out.functions.push_back({legal, shape_of(*legal), 0});
    }
}

std::string verified(const llvm::Module& module) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    return llvm::verifyModule(module, &stream) ? "legal IR: " + text : "";
}

void fill_program(const llvm::Module& program, Memory& memory, IrImpl& out) {
    ProgramPart& part = out.interface.program;
    part.present = true;
    part.memory = static_cast<std::uint32_t>(memory.bytes());
    part.data = memory.image();
    std::map<const llvm::Function*, std::uint32_t> numbers;
    for (const auto& f : program)
        if (!f.isDeclaration()) numbers.emplace(&f, static_cast<std::uint32_t>(numbers.size()));
    for (const auto* f : memory.table()) part.table.push_back(numbers.at(f));
}

} // namespace

std::string legalise(const llvm::Module& program, Memory& memory, IrImpl& out) {
    out.module = std::make_unique<llvm::Module>("program", out.context);
    out.module->setDataLayout(program.getDataLayout());
    Shared shared{program.getDataLayout(), memory, *out.module, {}, {}};
    declare(program, shared, out);
    for (const auto& f : program)
        if (!f.isDeclaration()) Translator(f, shared).run();
    if (!shared.complaint.empty()) return shared.complaint;
    // Pictures of memory may name functions that no code does.
    fill_program(program, memory, out);
    if (!memory.complaint().empty()) return memory.complaint();
    return verified(*out.module);
}

} // namespace tally::plain_detail
