// Linear scan over live intervals, one bank at a time; spilling rewrites the code and starts again.
#include "compiler/emit/machine_ir.hpp"

#include <algorithm>
#include <set>

namespace tally::emit_detail {

namespace {

// Room above for the window of a call.
constexpr int x_limit = 200, w_limit = 100;

bool is_source(Operand o) { return o == Operand::XSrc || o == Operand::WSrc; }
bool is_destination(Operand o) { return o == Operand::XDst || o == Operand::WDst; }

struct Interval {
    VReg reg;
    int begin, end;
    bool param;
    int fixed;
};

struct Liveness {
    std::vector<std::vector<bool>> in, out;
};

Liveness liveness(const MachineFunction& f) {
    const auto blocks = f.blocks.size(), regs = f.banks.size();
    std::vector<std::vector<bool>> used(blocks, std::vector<bool>(regs)), defined(blocks, std::vector<bool>(regs));
    std::vector<VReg> uses;
    for (std::size_t b = 0; b < blocks; ++b)
        for (const auto& i : f.blocks[b].code) {
            uses.clear();
            uses_of(i, uses);
            for (const auto r : uses)
                if (!defined[b][static_cast<std::size_t>(r)]) used[b][static_cast<std::size_t>(r)] = true;
            if (const auto d = definition_of(i); d >= 0) defined[b][static_cast<std::size_t>(d)] = true;
        }
    Liveness live{used, std::vector<std::vector<bool>>(blocks, std::vector<bool>(regs))};
    for (bool changed = true; changed;) {
        changed = false;
        for (std::size_t k = blocks; k-- > 0;)
            for (const int s : f.blocks[k].successors)
                for (std::size_t r = 0; r < regs; ++r)
                    if (live.in[static_cast<std::size_t>(s)][r] && !live.out[k][r]) {
                        live.out[k][r] = true;
                        changed = true;
                        if (!defined[k][r]) live.in[k][r] = true;
                    }
    }
    return live;
}

std::vector<Interval> intervals(const MachineFunction& f) {
    const auto live = liveness(f);
    const auto regs = f.banks.size();
    std::vector<int> begin(regs, -1), end(regs, -1);
    const auto extend = [&](std::size_t r, int at) {
        if (begin[r] < 0 || at < begin[r]) begin[r] = at;
        end[r] = std::max(end[r], at);
    };
    int position = 1;
    std::vector<VReg> uses;
    for (std::size_t b = 0; b < f.blocks.size(); ++b) {
        const int first = position;
        for (const auto& i : f.blocks[b].code) {
            uses.clear();
            uses_of(i, uses);
            for (const auto r : uses) extend(static_cast<std::size_t>(r), position);
            // A result may share the register of an operand that ends here.
            if (const auto d = definition_of(i); d >= 0) extend(static_cast<std::size_t>(d), position + 1);
            position += 2;
        }
        for (std::size_t r = 0; r < regs; ++r) {
            if (live.in[b][r]) extend(r, first - 1);
            if (live.out[b][r]) extend(r, position);
        }
        position += 2;
    }
    std::vector<Interval> out;
    const auto params = [&](const std::vector<VReg>& list) {
        for (std::size_t i = 0; i < list.size(); ++i) {
            const auto r = static_cast<std::size_t>(list[i]);
            out.push_back({list[i], 0, std::max(end[r], 0), true, static_cast<int>(i)});
            begin[r] = -1;
        }
    };
    params(f.x_params);
    params(f.w_params);
    for (std::size_t r = 0; r < regs; ++r)
        if (begin[r] >= 0) out.push_back({static_cast<VReg>(r), begin[r], end[r], false, -1});
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
    return out;
}

/// Assigns one bank; gives back the registers that found no room.
std::vector<VReg> scan(const MachineFunction& f, const std::vector<Interval>& all, Bank bank, int limit, Allocation& out, int& count) {
    std::vector<VReg> spilled;
    std::vector<Interval> active;
    std::set<int> free;
    for (int r = 0; r < limit; ++r) free.insert(r);
    for (const auto& interval : all) {
        if (f.banks[static_cast<std::size_t>(interval.reg)] != bank) continue;
        for (std::size_t k = 0; k < active.size();) {
            if (active[k].end < interval.begin) {
                free.insert(out.registers[static_cast<std::size_t>(active[k].reg)]);
                active.erase(active.begin() + static_cast<std::ptrdiff_t>(k));
            } else {
                ++k;
            }
        }
        int chosen = interval.fixed;
        if (chosen < 0) {
            if (free.empty()) { // the one that ends last makes room
                auto victim = std::max_element(active.begin(), active.end(), [](const auto& a, const auto& b) {
                    return (a.param ? -1 : a.end) < (b.param ? -1 : b.end);
                });
                if (victim == active.end() || victim->param || victim->end <= interval.end) {
                    spilled.push_back(interval.reg);
                    continue;
                }
                spilled.push_back(victim->reg);
                free.insert(out.registers[static_cast<std::size_t>(victim->reg)]);
                active.erase(victim);
            }
            chosen = *free.begin();
        }
        free.erase(chosen);
        out.registers[static_cast<std::size_t>(interval.reg)] = chosen;
        count = std::max(count, chosen + 1);
        active.push_back(interval);
    }
    return spilled;
}

/// A spilled register lives in the frame: loaded before each use, stored after each definition.
void spill(MachineFunction& f, VReg reg) {
    const auto bank = f.banks[static_cast<std::size_t>(reg)];
    f.frame_bytes = (f.frame_bytes + 15) / 16 * 16;
    const auto slot = static_cast<std::int32_t>(f.frame_bytes);
    f.frame_bytes += 16;
    for (auto& block : f.blocks) {
        std::vector<MachineInstr> code;
        for (auto& i : block.code) {
            std::vector<VReg> uses;
            uses_of(i, uses);
            const bool reads = std::find(uses.begin(), uses.end(), reg) != uses.end();
            const bool writes = definition_of(i) == reg;
            const auto address = [&] {
                MachineInstr frame;
                frame.op = Op::FrameAddress;
                frame.a = f.fresh(Bank::X);
                frame.imm = slot;
                frame.line = i.line;
                code.push_back(frame);
                return frame.a;
            };
            if (reads) {
                MachineInstr load;
                load.op = bank == Bank::X ? Op::LoadX : Op::LoadW;
                load.b = address();
                load.a = f.fresh(bank);
                load.line = i.line;
                replace_use(i, reg, load.a);
                code.push_back(load);
            }
            VReg fresh = -1;
            if (writes) {
                fresh = f.fresh(bank);
                replace_definition(i, fresh);
            }
            const auto line = i.line;
            code.push_back(std::move(i));
            if (writes) {
                MachineInstr frame;
                frame.op = Op::FrameAddress;
                frame.a = f.fresh(Bank::X);
                frame.imm = slot;
                frame.line = line;
                code.push_back(frame);
                MachineInstr store;
                store.op = bank == Bank::X ? Op::StoreX : Op::StoreW;
                store.a = fresh;
                store.b = frame.a;
                store.line = line;
                code.push_back(store);
            }
        }
        block.code = std::move(code);
    }
}

} // namespace

void uses_of(const MachineInstr& i, std::vector<VReg>& out) {
    if (i.is_call) {
        for (const auto& [bank, reg] : i.args) out.push_back(reg);
        return;
    }
    const auto& info = op_info(i.op);
    if (is_source(info.a) && i.a >= 0) out.push_back(i.a);
    if (is_source(info.b) && i.b >= 0) out.push_back(i.b);
    if (is_source(info.c) && i.c >= 0) out.push_back(i.c);
    if (i.d >= 0) out.push_back(i.d);
}

VReg definition_of(const MachineInstr& i) {
    if (i.is_call) return i.result;
    return is_destination(op_info(i.op).a) ? i.a : -1;
}

void replace_use(MachineInstr& i, VReg from, VReg to) {
    if (i.is_call) {
        for (auto& [bank, reg] : i.args)
            if (reg == from) reg = to;
        return;
    }
    const auto& info = op_info(i.op);
    if (is_source(info.a) && i.a == from) i.a = to;
    if (is_source(info.b) && i.b == from) i.b = to;
    if (is_source(info.c) && i.c == from) i.c = to;
    if (i.d == from) i.d = to;
}

void replace_definition(MachineInstr& i, VReg to) { (i.is_call ? i.result : i.a) = to; }

Allocation allocate(MachineFunction& f) {
    for (;;) {
        Allocation out;
        out.registers.assign(f.banks.size(), -1);
        const auto all = intervals(f);
        auto spilled = scan(f, all, Bank::X, x_limit, out, out.x_count);
        const auto wide = scan(f, all, Bank::W, w_limit, out, out.w_count);
        spilled.insert(spilled.end(), wide.begin(), wide.end());
        out.x_count = std::max(out.x_count, static_cast<int>(f.x_params.size()));
        out.w_count = std::max(out.w_count, static_cast<int>(f.w_params.size()));
        if (spilled.empty()) return out;
        for (const auto r : spilled) spill(f, r);
    }
}

} // namespace tally::emit_detail
