#include "vm/engine/native/pins.hpp"

#include <algorithm>
#include <vector>

namespace tally {
namespace {

constexpr std::uint32_t deepest = 4;
constexpr std::uint64_t least_uses = 6; ///< fewer do not pay for loading and storing it once

/// By instruction: how many loops are around it. A branch to an earlier block closes a loop.
std::vector<std::uint32_t> loop_depths(const Function& f) {
    std::vector<std::uint32_t> heads;
    for (std::uint32_t i = 0; i < f.code.size(); ++i)
        if (f.code[i].op == Op::Block) heads.push_back(i);
    std::vector<std::int32_t> change(f.code.size() + 1, 0);
    bool any = false;
    for (std::uint32_t i = 0; i < f.code.size(); ++i) {
        if (!op_is_branch(f.code[i].op)) continue;
        const std::uint32_t head = heads[static_cast<std::size_t>(f.code[i].imm)];
        if (head > i) continue;
        ++change[head];
        --change[i + 1];
        any = true;
    }
    if (!any) return {};
    std::vector<std::uint32_t> out(f.code.size());
    std::int32_t depth = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        depth += change[i];
        out[i] = std::min(static_cast<std::uint32_t>(depth), deepest);
    }
    return out;
}

struct Counts {
    std::array<std::uint64_t, 256> x{};
    std::array<std::uint64_t, 128> w{};
    std::array<bool, 256> x_window{};
    std::array<bool, 128> w_window{};

    void operand(Operand kind, std::size_t number, std::uint64_t weight) {
        if (kind == Operand::XDst || kind == Operand::XSrc) x[number] += weight;
        if (kind == Operand::WDst || kind == Operand::WSrc) w[number] += weight;
    }
    void window(std::size_t first_x, std::size_t x_count, std::size_t first_w, std::size_t w_count) {
        for (std::size_t i = 0; i < x_count && first_x + i < x.size(); ++i) x_window[first_x + i] = true;
        for (std::size_t i = 0; i < w_count && first_w + i < w.size(); ++i) w_window[first_w + i] = true;
    }
};

/// A window holds the parameters and the result. Of an import it is taken as large as it can be.
void count_window(const Module& module, const Instruction& in, Counts& counts) {
    const auto imm = static_cast<std::size_t>(in.imm);
    const auto mark = [&](std::size_t x, std::size_t w, ResultBank result) {
        counts.window(in.a, std::max<std::size_t>(x, result == ResultBank::X), in.b, std::max<std::size_t>(w, result == ResultBank::W));
    };
    switch (in.op) {
    case Op::Call: {
        const Function& f = module.functions[imm];
        return mark(f.x_params, f.w_params, f.result);
    }
    case Op::CallTable: {
        const CallShape& shape = module.program.shapes[imm];
        return mark(shape.x_params + 1u, shape.w_params, shape.result);
    }
    case Op::CallImport: {
        const std::size_t most = module.imports[imm].params.size() + 2;
        counts.window(in.a, most, in.b, most);
        return;
    }
    case Op::HostCall: {
        const HostInfo& info = host_info(static_cast<HostFn>(in.imm));
        const char result = info.result();
        return mark(info.x_params(), info.w_params(), result == 'x' ? ResultBank::X : result == 'w' ? ResultBank::W : ResultBank::None);
    }
    default: return;
    }
}

Counts count(const Module& module, const Function& f, const std::vector<std::uint32_t>& depths) {
    Counts counts;
    for (std::size_t i = 0; i < f.code.size(); ++i) {
        const Instruction& in = f.code[i];
        const OpInfo& info = op_info(in.op);
        const std::uint64_t weight = std::uint64_t{1} << (3 * depths[i]);
        counts.operand(info.a, in.a, weight);
        counts.operand(info.b, in.b, weight);
        counts.operand(info.c, in.c, weight);
        if (info.imm == Immediate::XReg) counts.x[static_cast<std::size_t>(in.imm)] += weight;
        if (info.imm == Immediate::WReg || info.imm == Immediate::WRegMode) counts.w[static_cast<std::size_t>(in.imm & 0xff)] += weight;
        count_window(module, in, counts);
    }
    return counts;
}

} // namespace

Pins choose_pins(const Module& module, const Function& function) {
    Pins pins;
    pins.x.fill(no_pin);
    for (auto& pair : pins.w) pair.fill(no_pin);
    const auto depths = loop_depths(function);
    if (depths.empty()) return pins;
    Counts counts = count(module, function, depths);
    for (std::size_t i = 0; i < function.x_registers; ++i)
        if (counts.x_window[i]) counts.x[i] = 0;
    for (std::size_t i = 0; i < function.w_registers; ++i)
        if (counts.w_window[i]) counts.w[i] = 0;
    for (std::uint8_t next = 0; next < pin_count;) {
        const auto x = std::max_element(counts.x.begin(), counts.x.begin() + function.x_registers);
        const auto w = std::max_element(counts.w.begin(), counts.w.begin() + function.w_registers);
        const std::uint64_t best_x = function.x_registers == 0 ? 0 : *x;
        const std::uint64_t best_w = function.w_registers == 0 || next + 2u > pin_count ? 0 : *w;
        if (std::max(best_x, best_w) < least_uses) break;
        pins.any = true;
        // A use of a wide register saves two accesses, and takes two pins.
        if (best_w > best_x) {
            pins.w[static_cast<std::size_t>(w - counts.w.begin())] = {next, static_cast<std::uint8_t>(next + 1)};
            *w = 0;
            next = static_cast<std::uint8_t>(next + 2);
        } else {
            pins.x[static_cast<std::size_t>(x - counts.x.begin())] = next++;
            *x = 0;
        }
    }
    return pins;
}

} // namespace tally
