#include "tests/tri/reference_natives.hpp"

#include "tests/tri/reference.hpp"

namespace tally::tri {
namespace {

constexpr u64 hashed_max = 65536;

Trap hash(const HostCall& args) {
    const u64 count = args.x[1];
    if (count > hashed_max) return Trap::BadArgument;
    if (!charge_units(HostFn::Sha256, args, count / 8 + (count % 8 != 0))) return Trap::OutOfGas;
    const std::uint8_t* const from = args.arena->at(args.x[0], count);
    std::uint8_t* const to = args.arena->at(args.x[2], 32);
    if (from == nullptr || to == nullptr) return Trap::Bounds;
    const auto digest = reference_sha256(from, count);
    std::copy(digest.begin(), digest.end(), to);
    return Trap::None;
}

} // namespace

Trap reference_native(const Program& program, HostFn fn, const HostCall& args) {
    switch (fn) {
    case HostFn::MulDiv3:
    case HostFn::Annuity:
    case HostFn::Power:
    case HostFn::Root:
    case HostFn::DecimalFused:
    case HostFn::AccrualAdd:
    case HostFn::AccrualRound:
    case HostFn::AccrualTake: return reference_exact(fn, args);
    case HostFn::Split:
    case HostFn::Share: return reference_shares(fn, args);
    case HostFn::AddMonths:
    case HostFn::DatePart:
    case HostFn::MakeDate: return reference_dates(fn, args);
    case HostFn::Equal: return reference_values(program, fn, args);
    case HostFn::MapFind:
    case HostFn::MapInsert:
    case HostFn::MapRemove: return reference_tables(program, fn, args);
    case HostFn::Sha256: return hash(args);
    default: promise(false, "a pure host function that the reference does not know"); return Trap::BadArgument;
    }
}

} // namespace tally::tri
