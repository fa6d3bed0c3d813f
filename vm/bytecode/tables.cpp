#include "vm/bytecode/tables.hpp"

#include <algorithm>
#include <array>

namespace tally {
namespace {

constexpr std::array<OpInfo, op_count> ops{{
#define OP(name, mnemonic, a, b, c, imm, gas, doc)                                                 \
    OpInfo{#name, mnemonic, Operand::a, Operand::b, Operand::c, Immediate::imm, gas, doc},
#include "vm/bytecode/opcodes.def"
#undef OP
}};

constexpr std::array<HostInfo, host_count> hosts{{
#define HOST(name, text, signature, kind, gas, unit, doc)                                          \
    HostInfo{text, signature, HostKind::kind, gas, unit, doc},
#include "vm/bytecode/host.def"
#undef HOST
}};

constexpr bool Machine = true;
constexpr bool Refusal = false;
constexpr std::array traps{
#define TRAP(number, name, kind, what, fix) TrapInfo{Trap::name, #name, kind, what, fix},
#include "vm/bytecode/traps.def"
#undef TRAP
};

static_assert(op_count <= 256, "an opcode is one byte");

template <typename Table, typename Matches>
std::optional<std::size_t> position(const Table& table, Matches matches) {
    const auto found = std::find_if(table.begin(), table.end(), matches);
    if (found == table.end()) return std::nullopt;
    return static_cast<std::size_t>(found - table.begin());
}

std::size_t parameters(std::string_view signature, std::string_view letters) {
    const auto list = signature.substr(0, signature.find(':'));
    return static_cast<std::size_t>(std::count_if(list.begin(), list.end(), [&](char c) {
        return letters.find(c) != std::string_view::npos;
    }));
}

} // namespace

const OpInfo& op_info(Op op) { return ops[static_cast<std::size_t>(op)]; }

std::optional<Op> op_by_mnemonic(std::string_view mnemonic) {
    const auto at = position(ops, [&](const OpInfo& info) { return info.mnemonic == mnemonic; });
    if (!at) return std::nullopt;
    return static_cast<Op>(*at);
}

bool op_is_terminator(Op op) {
    switch (op) {
    case Op::Jump:
    case Op::Return:
    case Op::ReturnX:
    case Op::ReturnW:
    case Op::ReturnH:
    case Op::TrapOp: return true;
    default: return false;
    }
}

bool op_is_branch(Op op) { return op_info(op).imm == Immediate::Target; }

std::size_t HostInfo::x_params() const { return parameters(signature, "xp"); }
std::size_t HostInfo::w_params() const { return parameters(signature, "w"); }
char HostInfo::result() const { return signature.back(); }

const HostInfo& host_info(HostFn fn) { return hosts[static_cast<std::size_t>(fn)]; }

std::optional<HostFn> host_by_name(std::string_view name) {
    const auto at = position(hosts, [&](const HostInfo& info) { return info.name == name; });
    if (!at) return std::nullopt;
    return static_cast<HostFn>(*at);
}

const TrapInfo* trap_info(Trap trap) {
    const auto at = position(traps, [&](const TrapInfo& info) { return info.trap == trap; });
    return at ? &traps[*at] : nullptr;
}

std::optional<Trap> trap_by_name(std::string_view name) {
    const auto at = position(traps, [&](const TrapInfo& info) { return info.name == name; });
    if (!at) return std::nullopt;
    return traps[*at].trap;
}

} // namespace tally
