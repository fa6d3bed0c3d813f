#include "vm/engine/run_state.hpp"

#include <algorithm>
#include <cstring>

namespace tally {
namespace {

void clear_memory(Machine* m, const Frame& frame) {
    if (frame.function->frame_bytes == 0) return;
    std::memset(m->arena->at(frame.address, frame.function->frame_bytes), 0,
                frame.function->frame_bytes);
}

/// A program may recurse: what the verifier proves of a contract is asked at each of its calls.
bool has_room(const Machine* m, const Frame& caller, const Function& f) {
    const Function& from = *caller.function;
    return m->x_end - caller.x >= from.x_registers + f.x_registers &&
           m->w_end - caller.w >= from.w_registers + f.w_registers &&
           m->arena->at(caller.address + from.frame_bytes, f.frame_bytes) != nullptr;
}

void give(const Arguments& arguments, const Function& f, const Frame& frame) {
    std::fill_n(std::copy(arguments.x.begin(), arguments.x.end(), frame.x), f.x_registers - f.x_params, u64{0});
    std::fill_n(std::copy(arguments.w.begin(), arguments.w.end(), frame.w), f.w_registers - f.w_params, i128{0});
    std::fill_n(std::copy(arguments.h.begin(), arguments.h.end(), frame.h), f.h_slots - f.h_params, Holding{0});
}

void show(const Frame& frame, Registers& out) {
    out.x.assign(frame.x, frame.x + frame.function->x_registers);
    out.w.assign(frame.w, frame.w + frame.function->w_registers);
    out.h.assign(frame.h, frame.h + frame.function->h_slots);
}

/// The result of the first function alone: in the other banks there is what its callees gave it.
Outcome of_bank(ResultBank bank, const Outcome& given) {
    Outcome out;
    if (bank == ResultBank::X) out.x = given.x;
    if (bank == ResultBank::W) out.w = given.w;
    if (bank == ResultBank::H) out.h = given.h;
    return out;
}

} // namespace

Stacks::Stacks(const Program& program, std::uint32_t function) {
    const bool deep = program.module.program.present;
    depth_ = deep ? limits::program_call_depth : limits::call_depth;
    const std::size_t frames = deep ? depth_ * sizeof(Frame) : 0;
    const std::size_t wide = program.facts.stack_w[function] * sizeof(i128);
    const std::size_t narrow = program.facts.stack_x[function] * sizeof(u64);
    const std::size_t holdings = program.facts.stack_h[function] * sizeof(Holding);
    memory_.reset(new (std::align_val_t{16}) std::uint8_t[wide + narrow + frames + holdings]);
    std::uint8_t* const at = memory_.get();
    w_ = reinterpret_cast<i128*>(at);
    x_ = reinterpret_cast<u64*>(at + wide);
    frames_ = deep ? reinterpret_cast<Frame*>(at + wide + narrow) : shallow_;
    h_ = reinterpret_cast<Holding*>(at + wide + narrow + frames);
    w_end_ = w_ + program.facts.stack_w[function];
    x_end_ = x_ + program.facts.stack_x[function];
}

bool may_start(const Program& program, const Start& start) {
    const Function& f = program.module.functions[start.function];
    const Arguments& given = start.arguments;
    return given.x.size() == f.x_params && given.w.size() == f.w_params && given.h.size() == f.h_params &&
           start.arena.size() >= self_address + 16 &&
           start.arena.at(start.stack, program.facts.stack_bytes[start.function]) != nullptr;
}

Machine begin(const Program& program, const Start& start, Stacks& stacks) {
    const Function& f = program.module.functions[start.function];
    const u64 above = start.arena.size() - self_address; // bytes above the null page; may_start saw 16
    Machine m{&program, &start.arena, &start.gas, &start.host, start.arena.at(self_address, 0), {above - 1, above - 2, above - 4, above - 8, above - 16},
              stacks.frames(), 0, stacks.depth(), stacks.h(), start.stack, program.module.x_constants.data(),
              program.module.w_constants.data(), stacks.x_end(), stacks.w_end(), nullptr, {}, nullptr};
    m.frames[0] = {&f, program.code[start.function].data(), nullptr, stacks.x(), stacks.w(), stacks.h(), start.stack, start.function};
    give(start.arguments, f, m.frames[0]);
    clear_memory(&m, m.frames[0]);
    return m;
}

Outcome end(const Machine& m, const Start& start) {
    const Frame& last = m.frames[m.depth];
    if (start.seen != nullptr) show(last, *start.seen);
    if (m.result.trap == Trap::None) return of_bank(last.function->result, m.result);
    return {m.result.trap, 0, 0, 0, last.number, static_cast<std::uint32_t>(m.stopped - last.code)};
}

bool push(Machine* m, const Decoded* call, std::uint32_t number, const u64* x, const i128* w) {
    Frame& caller = m->frames[m->depth];
    const Function& f = m->program->module.functions[number];
    const Function& from = *caller.function;
    if (m->depth + 1 == m->depth_limit) return false;
    if (m->program->module.program.present && !has_room(m, caller, f)) return false;
    caller.call = call;
    Frame& callee = m->frames[++m->depth];
    callee = {&f,
              m->program->code[number].data(),
              nullptr,
              caller.x + from.x_registers,
              caller.w + from.w_registers,
              caller.h + from.h_slots,
              caller.address + from.frame_bytes,
              number};
    std::fill_n(std::copy_n(x, f.x_params, callee.x), f.x_registers - f.x_params, u64{0});
    std::fill_n(std::copy_n(w, f.w_params, callee.w), f.w_registers - f.w_params, i128{0});
    if (f.h_slots > 0 || f.h_params > 0) {
        Holding* const given = caller.h + call->c;
        std::fill_n(std::copy_n(given, f.h_params, callee.h), f.h_slots - f.h_params, Holding{0});
        std::fill_n(given, f.h_params, Holding{0});
    }
    clear_memory(m, callee);
    m->h = callee.h;
    m->frame_address = callee.address;
    return true;
}

const Decoded* pop(Machine* m) {
    const ResultBank bank = m->frames[m->depth].function->result;
    const Frame& caller = m->frames[--m->depth];
    const Decoded* const call = caller.call;
    m->h = caller.h;
    m->frame_address = caller.address;
    if (bank == ResultBank::X) caller.x[call->a] = m->result.x;
    if (bank == ResultBank::W) caller.w[call->b / 2] = m->result.w;
    if (bank == ResultBank::H) caller.h[call->c] = m->result.h;
    return call;
}

Trap from_table(const Machine* m, u64 place, std::int32_t shape, std::uint32_t& number) {
    const ProgramPart& p = m->program->module.program;
    if (place - 1 >= p.table.size()) return Trap::BadCall;
    number = p.table[place - 1];
    const Function& f = m->program->module.functions[number];
    const CallShape& want = p.shapes[static_cast<std::uint32_t>(shape)];
    return CallShape{f.x_params, f.w_params, f.result} == want ? Trap::None : Trap::BadCall;
}

} // namespace tally
