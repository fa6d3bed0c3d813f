// The one file that knows LLVM's pass builder. The list is fixed: bytecode must not depend on more than
// the source and the compiler's version.
#include "compiler/lower/ir_impl.hpp"

#include <llvm/IR/DebugInfo.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Verifier.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Transforms/IPO/GlobalDCE.h>
#include <llvm/Transforms/IPO/Inliner.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/ADCE.h>
#include <llvm/Transforms/Scalar/DeadStoreElimination.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/GVN.h>
#include <llvm/Transforms/Scalar/LICM.h>
#include <llvm/Transforms/Scalar/LoopPassManager.h>
#include <llvm/Transforms/Scalar/LoopRotation.h>
#include <llvm/Transforms/Scalar/MemCpyOptimizer.h>
#include <llvm/Transforms/Scalar/SROA.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>
#include <llvm/Transforms/Utils/Cloning.h>
#include <llvm/Transforms/Utils/LowerSwitch.h>

namespace tally {

Ir::Ir() : impl(std::make_unique<IrImpl>()) {}
Ir::~Ir() = default;
Ir::Ir(Ir&&) noexcept = default;
Ir& Ir::operator=(Ir&&) noexcept = default;

namespace {

llvm::SimplifyCFGOptions plain_cfg() {
    return llvm::SimplifyCFGOptions().convertSwitchToLookupTable(false).convertSwitchRangeToICmp(true).hoistCommonInsts(false).sinkCommonInsts(false);
}

llvm::FunctionPassManager scalar_passes() {
    llvm::FunctionPassManager passes;
    passes.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
    passes.addPass(llvm::EarlyCSEPass(true));
    passes.addPass(llvm::SimplifyCFGPass(plain_cfg()));
    passes.addPass(llvm::InstCombinePass());
    return passes;
}

/// A function with much in memory stays one: put into its caller, its slots would last as long as the caller's, and a
/// chain of calls would need the room of all its branches at once.
struct KeepLargeFrames : llvm::PassInfoMixin<KeepLargeFrames> {
    static llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager&) {
        constexpr std::uint64_t large = 4096;
        std::uint64_t bytes = 0;
        for (const auto& i : function.getEntryBlock())
            if (const auto* slot = llvm::dyn_cast<llvm::AllocaInst>(&i))
                if (const auto size = slot->getAllocationSize(function.getDataLayout())) bytes += size->getFixedValue();
        if (bytes > large && !function.hasFnAttribute(llvm::Attribute::AlwaysInline)) function.addFnAttr(llvm::Attribute::NoInline);
        return llvm::PreservedAnalyses::all();
    }
};

llvm::ModulePassManager full_list() {
    llvm::ModulePassManager passes;
    auto first = scalar_passes();
    first.addPass(KeepLargeFrames());
    passes.addPass(llvm::createModuleToFunctionPassAdaptor(std::move(first)));
    llvm::InlineParams inlining = llvm::getInlineParams(75);
    passes.addPass(llvm::ModuleInlinerWrapperPass(inlining));
    auto function = scalar_passes();
    function.addPass(llvm::createFunctionToLoopPassAdaptor(llvm::LoopRotatePass(false)));
    function.addPass(llvm::createFunctionToLoopPassAdaptor(llvm::LICMPass(llvm::LICMOptions()), true));
    function.addPass(llvm::GVNPass());
    function.addPass(llvm::MemCpyOptPass());
    function.addPass(llvm::DSEPass());
    function.addPass(llvm::InstCombinePass());
    function.addPass(llvm::SimplifyCFGPass(plain_cfg()));
    function.addPass(llvm::ADCEPass());
    function.addPass(llvm::LowerSwitchPass());
    passes.addPass(llvm::createModuleToFunctionPassAdaptor(std::move(function)));
    passes.addPass(llvm::GlobalDCEPass());
    return passes;
}

/// The least that bytecode needs: values out of memory, no switches.
llvm::ModulePassManager short_list() {
    llvm::ModulePassManager passes;
    llvm::FunctionPassManager function;
    function.addPass(llvm::SROAPass(llvm::SROAOptions::PreserveCFG));
    function.addPass(llvm::LowerSwitchPass());
    passes.addPass(llvm::createModuleToFunctionPassAdaptor(std::move(function)));
    passes.addPass(llvm::GlobalDCEPass());
    return passes;
}

/// Two halves of a record that change places, read as one wide word, come out as a funnel shift. The machine
/// has shifts and `or`.
void expand_funnel_shifts(llvm::Function& function) {
    for (auto& block : function)
        for (auto& i : llvm::make_early_inc_range(block)) {
            auto* shift = llvm::dyn_cast<llvm::IntrinsicInst>(&i);
            const auto id = shift == nullptr ? llvm::Intrinsic::not_intrinsic : shift->getIntrinsicID();
            if (id != llvm::Intrinsic::fshl && id != llvm::Intrinsic::fshr) continue;
            const auto* by = llvm::dyn_cast<llvm::ConstantInt>(shift->getArgOperand(2));
            if (by == nullptr) continue;
            const unsigned width = shift->getType()->getIntegerBitWidth();
            const auto amount = by->getValue().urem(width);
            const auto left = id == llvm::Intrinsic::fshl ? amount : width - amount;
            llvm::Value* high = shift->getArgOperand(0);
            llvm::Value* low = shift->getArgOperand(1);
            llvm::IRBuilder<> b(shift);
            llvm::Value* out = amount == 0 ? (id == llvm::Intrinsic::fshl ? high : low)
                                           : b.CreateOr(b.CreateShl(high, left), b.CreateLShr(low, width - left));
            shift->replaceAllUsesWith(out);
            shift->eraseFromParent();
        }
}

bool known_type(const llvm::Type* type) {
    return type->isVoidTy() || type->isPointerTy() || type->isIntegerTy(1) || type->isIntegerTy(8) || type->isIntegerTy(64) || type->isIntegerTy(128);
}

/// What `emit` does not promise to handle.
std::string unknown_instruction(const llvm::Instruction& i) {
    const auto name = std::string(i.getOpcodeName());
    if (llvm::isa<llvm::AllocaInst>(i)) return "";
    if (!known_type(i.getType())) return name + " of an unexpected width";
    for (const auto& operand : i.operands())
        if (!operand->getType()->isLabelTy() && !operand->getType()->isMetadataTy() && !llvm::isa<llvm::Function>(operand) && !known_type(operand->getType()))
            return name + " with an operand of an unexpected width";
    if (llvm::isa<llvm::SwitchInst, llvm::IndirectBrInst, llvm::InvokeInst, llvm::PtrToIntInst, llvm::IntToPtrInst>(i)) return name;
    if (const auto* intrinsic = llvm::dyn_cast<llvm::IntrinsicInst>(&i)) {
        switch (intrinsic->getIntrinsicID()) {
        case llvm::Intrinsic::smin: case llvm::Intrinsic::smax: case llvm::Intrinsic::umin: case llvm::Intrinsic::umax:
        case llvm::Intrinsic::memcpy: case llvm::Intrinsic::memmove: case llvm::Intrinsic::memset: case llvm::Intrinsic::abs:
        case llvm::Intrinsic::lifetime_start: case llvm::Intrinsic::lifetime_end: case llvm::Intrinsic::assume:
        case llvm::Intrinsic::experimental_noalias_scope_decl: case llvm::Intrinsic::dbg_value: case llvm::Intrinsic::dbg_declare: return "";
        default: return "the intrinsic " + std::string(intrinsic->getCalledFunction()->getName());
        }
    }
    return "";
}

} // namespace

std::string optimise(Ir& ir, Optimise level) {
    llvm::LoopAnalysisManager loops;
    llvm::FunctionAnalysisManager functions;
    llvm::CGSCCAnalysisManager graphs;
    llvm::ModuleAnalysisManager modules;
    llvm::PassBuilder builder;
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(graphs);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, graphs, modules);
    auto passes = level == Optimise::Full ? full_list() : short_list();
    // GlobalDCE may delete functions: remember them by name.
    std::vector<std::string> names;
    for (const auto& f : ir.impl->functions) names.push_back(f.llvm->getName().str());
    passes.run(*ir.impl->module, modules);
    for (auto& f : *ir.impl->module) expand_funnel_shifts(f);
    for (std::size_t i = 0; i < names.size(); ++i) ir.impl->functions[i].llvm = ir.impl->module->getFunction(names[i]);

    std::string text;
    llvm::raw_string_ostream stream(text);
    if (llvm::verifyModule(*ir.impl->module, &stream)) return text;
    for (const auto& f : *ir.impl->module)
        for (const auto& block : f)
            for (const auto& i : block)
                if (auto what = unknown_instruction(i); !what.empty()) return what + " in " + f.getName().str();
    return "";
}

std::string print(const Ir& ir) {
    auto copy = llvm::CloneModule(*ir.impl->module);
    llvm::StripDebugInfo(*copy);
    std::string text;
    llvm::raw_string_ostream stream(text);
    copy->print(stream, nullptr);
    return text;
}

} // namespace tally
