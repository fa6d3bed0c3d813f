#include "compiler/plain/refuse.hpp"

#include "compiler/plain/translator.hpp"
#include "compiler/plain/words.hpp"

#include <llvm/ADT/PostOrderIterator.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/GlobalIFunc.h>
#include <llvm/IR/InlineAsm.h>

#include <set>

namespace tally::plain_detail {

namespace {

/// One kind of thing that is refused. `what` stands before the place.
struct Topic {
    const char *topic, *what, *fix;
};
constexpr Topic floats{"floats", "a number with a binary point", "the machine counts in integers only: use them"};
constexpr Topic vectors{"vectors", "a vector", "compile with -fno-vectorize -fno-slp-vectorize and without vector types"};
constexpr Topic wide{"wide integers", "an integer of more than 128 bits", "128 bits are the most a register holds"};
constexpr Topic foreign{"foreign types", "a type that the machine does not know", "use integers, pointers, arrays and structs"};
constexpr Topic varargs{"varargs", "a function with any number of arguments", "give it a fixed list of parameters"};
constexpr Topic assembly{"inline assembly", "inline assembly", "write it in C"};
constexpr Topic exceptions{"exceptions", "an exception", "compile without exceptions"};
constexpr Topic jumps{"setjmp", "a jump out of a function", "return instead"};
constexpr Topic frames{"frames", "a look at the caller's frame", "the machine keeps its frames to itself"};
constexpr Topic intrinsic{"intrinsics", "an intrinsic that has no lowering", "see docs/programs.md for those that have one"};
constexpr Topic undefined{"undefined", "something that nobody defines", "define it, or see docs/programs.md for the library that there is"};
constexpr Topic large{"size", "more than fits", "make it smaller"};
constexpr Topic startup{"constructors", "a function that runs before `main`", "call it from `main`"};

const Topic* of_type(llvm::Type* type) {
    if (type->isFloatingPointTy()) return &floats;
    if (type->isVectorTy()) return &vectors;
    if (const auto* integer = llvm::dyn_cast<llvm::IntegerType>(type)) return integer->getBitWidth() > bits_max ? &wide : nullptr;
    if (const auto* address = llvm::dyn_cast<llvm::PointerType>(type)) return address->getAddressSpace() == 0 ? nullptr : &foreign;
    if (const auto* list = llvm::dyn_cast<llvm::ArrayType>(type)) return of_type(list->getElementType());
    if (const auto* parts = llvm::dyn_cast<llvm::StructType>(type)) {
        if (parts->isOpaque()) return &foreign;
        for (auto* const part : parts->elements())
            if (const auto* found = of_type(part)) return found;
        return nullptr;
    }
    return type->isVoidTy() || type->isLabelTy() || type->isMetadataTy() ? nullptr : &foreign;
}

/// A value in registers has a few pieces; what has more belongs into memory.
bool is_large(llvm::Type* type) {
    constexpr std::uint64_t pieces_max = 64;
    if (const auto* list = llvm::dyn_cast<llvm::ArrayType>(type)) return list->getNumElements() > pieces_max || is_large(list->getElementType());
    if (const auto* parts = llvm::dyn_cast<llvm::StructType>(type)) return parts->getNumElements() > pieces_max;
    return false;
}

const Topic* of_value(const llvm::Value& v) {
    if (const auto* found = of_type(v.getType())) return found;
    return is_large(v.getType()) ? &large : nullptr;
}

const Topic* of_name(llvm::StringRef name) {
    static const std::set<llvm::StringRef> leaving{"setjmp", "_setjmp", "__sigsetjmp", "longjmp", "_longjmp", "siglongjmp"};
    return leaving.contains(name) ? &jumps : nullptr;
}

const Topic* of_intrinsic(const llvm::IntrinsicInst& i) {
    namespace I = llvm::Intrinsic;
    static const std::map<I::ID, const Topic*> rows{
        {I::vastart, &varargs}, {I::vaend, &varargs}, {I::vacopy, &varargs}, {I::frameaddress, &frames}, {I::returnaddress, &frames}, {I::addressofreturnaddress, &frames},
        {I::eh_sjlj_setjmp, &jumps}, {I::eh_sjlj_longjmp, &jumps}, {I::eh_typeid_for, &exceptions}};
    if (const auto found = rows.find(i.getIntrinsicID()); found != rows.end()) return found->second;
    return known_intrinsic(i.getIntrinsicID()) ? nullptr : &intrinsic;
}

const Topic* of_call(const llvm::CallInst& i) {
    if (i.isInlineAsm()) return is_silent(i) ? nullptr : &assembly;
    if (const auto* known = llvm::dyn_cast<llvm::IntrinsicInst>(&i)) return of_intrinsic(*known);
    const auto* callee = llvm::dyn_cast<llvm::Function>(i.getCalledOperand()->stripPointerCastsAndAliases());
    if (callee != nullptr) return of_name(callee->getName());
    return i.hasInAllocaArgument() ? &foreign : nullptr;
}

/// Ways out of the machine's own functions.
bool is_ending(llvm::StringRef name) { return name == exit_name.data() || name == abort_name.data(); }

bool is_undefined(const llvm::Value& v) {
    const auto* global = llvm::dyn_cast<llvm::GlobalObject>(&v);
    if (global == nullptr || !global->isDeclaration() || global->hasExternalWeakLinkage() || global->getName() == words_name.data()) return false;
    const auto* function = llvm::dyn_cast<llvm::Function>(global);
    return function == nullptr || (!function->isIntrinsic() && !is_ending(function->getName()));
}

std::string line_of(const llvm::Instruction& i) { return i.getDebugLoc() ? ", line " + std::to_string(i.getDebugLoc().getLine()) : ""; }

class Search {
public:
    std::optional<Refusal> run(const llvm::Module& program) {
        for (const auto& global : program.globals()) variable(global);
        for (const auto& ifunc : program.ifuncs()) found(undefined, "`" + ifunc.getName().str() + "`");
        for (const auto& function : program)
            if (!function.isDeclaration()) body(function);
        return std::move(first_);
    }

private:
    void found(const Topic& topic, const std::string& where, const std::string& more = "") {
        if (!first_) first_ = Refusal{topic.topic, topic.what + (more.empty() ? "" : ": " + more), where, topic.fix};
    }

    void variable(const llvm::GlobalVariable& global) {
        const auto name = global.getName();
        if (name == "llvm.global_ctors" || name == "llvm.global_dtors") return found(startup, "`" + name.str() + "`");
        if (global.hasInitializer() && !name.starts_with("llvm.")) constant(*global.getInitializer(), "the global `" + name.str() + "`");
    }

    /// What a constant is made of.
    void constant(const llvm::Constant& c, const std::string& where) {
        if (is_undefined(c)) return found(undefined, where, "`" + c.getName().str() + "`");
        if (llvm::isa<llvm::GlobalValue>(c) || llvm::isa<llvm::BlockAddress>(c)) return;
        if (const auto* topic = of_type(c.getType())) return found(*topic, where);
        for (const auto& part : c.operands())
            if (const auto* inner = llvm::dyn_cast<llvm::Constant>(part.get()); inner != nullptr && !first_) constant(*inner, where);
    }

    void body(const llvm::Function& f) {
        const auto where = "the function `" + f.getName().str() + "`";
        if (f.isVarArg()) return found(varargs, where);
        if (const auto* topic = of_value_type(f.getReturnType())) return found(*topic, where);
        for (const auto& parameter : f.args())
            if (const auto* topic = of_value(parameter)) return found(*topic, where);
        if (f.hasPersonalityFn()) return found(exceptions, where);
        for (const auto* block : llvm::ReversePostOrderTraversal<const llvm::Function*>(&f))
            for (const auto& i : *block) {
                if (first_) return;
                instruction(i, where + line_of(i));
            }
    }

    static const Topic* of_value_type(llvm::Type* type) {
        const auto* found = of_type(type);
        return found != nullptr ? found : is_large(type) ? &large : nullptr;
    }

    void instruction(const llvm::Instruction& i, const std::string& where) {
        if (const auto* topic = of_value(i)) return found(*topic, where);
        if (const auto* slot = llvm::dyn_cast<llvm::AllocaInst>(&i); slot != nullptr && slot->getAllocatedType()->isScalableTy()) return found(vectors, where);
        if (llvm::isa<llvm::VAArgInst>(i)) return found(varargs, where);
        if (llvm::isa<llvm::InvokeInst, llvm::LandingPadInst, llvm::ResumeInst, llvm::FuncletPadInst>(i)) return found(exceptions, where);
        if (llvm::isa<llvm::CallBrInst>(i)) return found(assembly, where);
        if (const auto* call = llvm::dyn_cast<llvm::CallInst>(&i))
            if (const auto* topic = of_call(*call)) return found(*topic, where, topic == &intrinsic ? "`" + call->getCalledFunction()->getName().str() + "`" : "");
        for (const auto& operand : i.operands()) value(*operand.get(), where);
    }

    void value(const llvm::Value& v, const std::string& where) {
        if (first_ || llvm::isa<llvm::BasicBlock, llvm::MetadataAsValue, llvm::InlineAsm>(v)) return;
        if (const auto* c = llvm::dyn_cast<llvm::Constant>(&v)) return constant(*c, where);
        if (const auto* topic = of_value(v)) found(*topic, where);
    }

    std::optional<Refusal> first_;
};

} // namespace

std::optional<Refusal> refusal_of(const llvm::Module& program) { return Search().run(program); }

} // namespace tally::plain_detail
