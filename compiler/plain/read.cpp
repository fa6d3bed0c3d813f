#include "compiler/plain/read.hpp"

#include "compiler/plain/library.hpp"
#include "compiler/plain/words.hpp"

#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Verifier.h>
#include <llvm/IRReader/IRReader.h>
#include <llvm/Linker/Linker.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>

namespace tally::plain_detail {

namespace {

llvm::StringRef text_of(std::string_view text) { return {text.data(), text.size()}; }

/// Addresses have 64 bits and the low byte of a number comes first: the machine knows no other memory.
bool fits_the_machine(const llvm::DataLayout& layout) { return layout.isLittleEndian() && layout.getPointerSizeInBits() == 64; }

/// Does anything take a block of a size, or at a time, that only the run knows?
bool moves_the_stack(const llvm::Module& program) {
    for (const auto& f : program)
        for (const auto& i : llvm::instructions(f))
            if (const auto* block = llvm::dyn_cast<llvm::AllocaInst>(&i); block != nullptr && !block->isStaticAlloca()) return true;
    return false;
}

} // namespace

std::unique_ptr<llvm::Module> read(std::string_view ir, llvm::LLVMContext& context, Refusal& refusal) {
    llvm::SMDiagnostic problem;
    auto module = llvm::parseIR(llvm::MemoryBufferRef(text_of(ir), "program"), problem, context);
    if (!module) {
        refusal = {"not LLVM IR", problem.getMessage().str(), "line " + std::to_string(std::max(problem.getLineNo(), 0)), "make it with `clang-19 -S -emit-llvm`"};
        return nullptr;
    }
    std::string text;
    llvm::raw_string_ostream stream(text);
    if (llvm::verifyModule(*module, &stream)) {
        refusal = {"not LLVM IR", text, "the module", "make it with `clang-19 -S -emit-llvm`"};
        return nullptr;
    }
    if (!fits_the_machine(module->getDataLayout())) {
        refusal = {"memory", "addresses are not of 64 bits, or numbers not little-endian", "the data layout", "compile for `--target=x86_64-linux-gnu`"};
        return nullptr;
    }
    return module;
}

std::optional<Refusal> link_library(llvm::Module& program) {
    if (moves_the_stack(program)) {
        auto* const word = llvm::Type::getInt64Ty(program.getContext());
        program.getOrInsertFunction(llvm::StringRef(alloca_name.data(), alloca_name.size()), llvm::PointerType::getUnqual(program.getContext()), word, word);
    }
    for (const auto& [name, text] : plain_library()) {
        llvm::SMDiagnostic problem;
        auto library = llvm::parseIR(llvm::MemoryBufferRef(text_of(text), text_of(name)), problem, program.getContext());
        if (!library) return Refusal{"library", problem.getMessage().str(), std::string(name), "this is a fault of tally: report it"};
        library->setDataLayout(program.getDataLayout());
        library->setTargetTriple(program.getTargetTriple());
        if (llvm::Linker::linkModules(program, std::move(library), llvm::Linker::Flags::LinkOnlyNeeded))
            return Refusal{"library", "it defines what the program defines otherwise", std::string(name), "rename the program's function"};
    }
    return std::nullopt;
}

} // namespace tally::plain_detail
