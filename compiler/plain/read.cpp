#include "compiler/plain/read.hpp"

#include "compiler/plain/library.hpp"

#include <llvm/AsmParser/Parser.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Linker/Linker.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/raw_ostream.h>

namespace tally::plain_detail {

namespace {

llvm::StringRef text_of(std::string_view text) { return {text.data(), text.size()}; }

/// Addresses have 64 bits and the low byte of a number comes first: the machine knows no other memory.
bool fits_the_machine(const llvm::DataLayout& layout) { return layout.isLittleEndian() && layout.getPointerSizeInBits() == 64; }

} // namespace

std::unique_ptr<llvm::Module> read(std::string_view ir, llvm::LLVMContext& context, Refusal& refusal) {
    llvm::SMDiagnostic problem;
    auto module = llvm::parseAssembly(llvm::MemoryBufferRef(text_of(ir), "program"), problem, context);
    if (!module) {
        refusal = {"not LLVM IR", problem.getMessage().str(), "line " + std::to_string(problem.getLineNo()), "make it with `clang-19 -S -emit-llvm`"};
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
    for (const auto& [name, text] : plain_library()) {
        llvm::SMDiagnostic problem;
        auto library = llvm::parseAssembly(llvm::MemoryBufferRef(text_of(text), text_of(name)), problem, program.getContext());
        if (!library) return Refusal{"library", problem.getMessage().str(), std::string(name), "this is a fault of tally: report it"};
        library->setDataLayout(program.getDataLayout());
        library->setTargetTriple(program.getTargetTriple());
        if (llvm::Linker::linkModules(program, std::move(library), llvm::Linker::Flags::LinkOnlyNeeded))
            return Refusal{"library", "it defines what the program defines otherwise", std::string(name), "rename the program's function"};
    }
    return std::nullopt;
}

} // namespace tally::plain_detail
