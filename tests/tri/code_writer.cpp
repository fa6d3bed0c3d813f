#include "tests/tri/code_writer.hpp"

#include "tests/tri/case.hpp"
#include "vm/bytecode/layout.hpp"

namespace tally::tri {
namespace {

constexpr i64 wild = 5; ///< of a hundred operations, those with any operands at all
constexpr i64 edged = 4; ///< those whose operands are numbers at the edges
constexpr i64 at_the_end = 4; ///< of a hundred accesses to memory, those around the arena's last bytes
constexpr i64 statements_max = 12, nesting_max = 3;

const std::vector<Op>& ops_where(bool (*wanted)(const OpInfo&, Op)) {
    static std::map<bool (*)(const OpInfo&, Op), std::vector<Op>> known;
    auto [list, fresh] = known.try_emplace(wanted);
    for (std::size_t i = 0; fresh && i < op_count; ++i)
        if (const Op op = static_cast<Op>(i); wanted(op_info(op), op)) list->second.push_back(op);
    return list->second;
}

/// Operations that only work on registers, memory and slots: all that are neither control nor calls.
bool is_plain(const OpInfo& info, Op op) {
    switch (info.imm) {
    case Immediate::Target:
    case Immediate::Fn:
    case Immediate::Import:
    case Immediate::Host:
    case Immediate::Cases:
    case Immediate::CallShape:
    case Immediate::TrapNo: return false;
    default: return op != Op::Block && !op_is_terminator(op);
    }
}

bool is_conditional(const OpInfo& info, Op op) { return info.imm == Immediate::Target && op != Op::Jump && op != Op::Case; }
bool touches_slots(const OpInfo& info, Op op) {
    const auto slot = [](Operand o) { return o == Operand::HDst || o == Operand::HSrc || o == Operand::HUse; };
    return is_plain(info, op) && (slot(info.a) || slot(info.b) || slot(info.c));
}

bool is_w(Operand o) { return o == Operand::WDst || o == Operand::WSrc; }

} // namespace

CodeWriter::CodeWriter(Module& module, std::uint32_t number, Dice& dice)
    : module_(module), number_(number), f_(module.functions[number]), dice_(dice), program_(module.program.present) {
    end_x_ = f_.x_registers - kept_registers;
    first_x_ = program_ ? 1 : 0; // x0 is the fuel of a program
    frame_ = end_x_;
    low_ = end_x_ + 1;
    counter_ = end_x_ + 2;
    slots_ = (1U << f_.h_params) - 1;
}

// ---- registers ----------------------------------------------------------------------------------------------------------

void CodeWriter::put(const Parts& in) {
    f_.code.push_back({in.op, static_cast<std::uint8_t>(in.a), static_cast<std::uint8_t>(in.b), static_cast<std::uint8_t>(in.c), static_cast<std::int32_t>(in.imm)});
}

void CodeWriter::set_x(unsigned to, u64 value) {
    const auto small = static_cast<std::int32_t>(value);
    if (static_cast<u64>(i64{small}) == value) return put({Op::LoadImmX, to, 0, 0, small});
    module_.x_constants.push_back(static_cast<i64>(value));
    put({Op::LoadConstX, to, 0, 0, static_cast<i64>(module_.x_constants.size()) - 1});
}

void CodeWriter::set_w(unsigned to, i128 value) {
    const auto small = static_cast<std::int32_t>(value);
    if (small == value) return put({Op::LoadImmW, to, 0, 0, small});
    module_.w_constants.push_back(value);
    put({Op::LoadConstW, to, 0, 0, static_cast<i64>(module_.w_constants.size()) - 1});
}

unsigned CodeWriter::good_base() { return dice_.chance(50) && f_.frame_bytes >= 256 ? frame_ : low_; }
unsigned CodeWriter::scratch_x() { return static_cast<unsigned>(dice_.roll(first_x_, i64{end_x_} - 1)); }
unsigned CodeWriter::scratch_w() { return static_cast<unsigned>(dice_.roll(0, f_.w_registers - 1)); }
unsigned CodeWriter::any_x() { return dice_.chance(85) ? scratch_x() : static_cast<unsigned>(dice_.roll(0, f_.x_registers - 1)); }
unsigned CodeWriter::any_w() { return scratch_w(); }

unsigned CodeWriter::operand(Operand kind, Op op) {
    switch (kind) {
    case Operand::XDst: return scratch_x();
    case Operand::XSrc: return any_x();
    case Operand::WDst:
    case Operand::WSrc: return any_w();
    case Operand::HDst: return dice_.pick(slots_that_are(false));
    case Operand::HSrc:
    case Operand::HUse: return dice_.pick(slots_that_are(true));
    case Operand::Small: {
        static const std::vector<i64> edges{0, 1, -1, 2, 31, 32, 63, 64, 65, 127, -128, 7, -64};
        const i64 value = op == Op::Rescale ? dice_.roll(-40, 40) : dice_.chance(60) ? dice_.pick(edges) : dice_.roll(-128, 127);
        return static_cast<std::uint8_t>(value);
    }
    default: return 0;
    }
}

i64 CodeWriter::immediate(Immediate kind) {
    switch (kind) {
    case Immediate::I32:
    case Immediate::Offset: {
        static const std::vector<i64> edges{INT32_MAX, INT32_MIN, -1, 0, 1, 0x8000, 0x7fff, 0x80, 0xff};
        return dice_.chance(30) ? dice_.pick(edges) : dice_.chance(70) ? dice_.roll(-300, 300) : static_cast<std::int32_t>(dice_.next());
    }
    case Immediate::ConstX: return module_.x_constants.push_back(static_cast<i64>(edge_word(dice_))), static_cast<i64>(module_.x_constants.size()) - 1;
    case Immediate::ConstW: return module_.w_constants.push_back(edge_wide(dice_)), static_cast<i64>(module_.w_constants.size()) - 1;
    case Immediate::Vault: return dice_.chance(50) ? plain_vault : keyed_vault;
    case Immediate::Frame: return dice_.roll(0, f_.frame_bytes);
    case Immediate::XReg: return any_x();
    case Immediate::WReg: return any_w();
    case Immediate::WRegMode: return any_w() | dice_.roll(0, 7) << 8;
    case Immediate::Mode: return dice_.roll(0, 7);
    default: return 0;
    }
}

// ---- single instructions --------------------------------------------------------------------------------------------------

bool CodeWriter::possible(Op op) const {
    const OpInfo& info = op_info(op);
    const bool wide = is_w(info.a) || is_w(info.b) || is_w(info.c) || info.imm == Immediate::WReg || info.imm == Immediate::WRegMode;
    if (wide && f_.w_registers == 0) return false;
    if (info.imm == Immediate::Vault && program_) return false;
    std::size_t filled = 0, emptied = 0;
    for (const Operand kind : {info.a, info.b, info.c}) {
        filled += kind == Operand::HDst;
        emptied += kind == Operand::HSrc || kind == Operand::HUse;
    }
    return slots_that_are(false).size() >= filled && slots_that_are(true).size() >= emptied;
}

void CodeWriter::follow_slots(const Instruction& in) {
    const OpInfo& info = op_info(in.op);
    for (const auto& [kind, slot] : {std::pair{info.a, in.a}, std::pair{info.b, in.b}, std::pair{info.c, in.c}}) {
        if (kind == Operand::HDst) slots_ |= 1U << slot;
        if (kind == Operand::HSrc) slots_ &= ~(1U << slot);
    }
}

void CodeWriter::random_operands(Op op) {
    const OpInfo& info = op_info(op);
    const unsigned a = operand(info.a, op);
    unsigned b = operand(info.b, op);
    while (op == Op::HJoin && b == a) b = operand(info.b, op); // one holding is not used twice
    const unsigned c = operand(info.c, op);
    put({op, a, b, c, immediate(info.imm)});
}

/// An odd number of halves, to be rounded away.
void CodeWriter::rescaled_tie(unsigned v) {
    const i64 digits = dice_.roll(1, 20);
    i128 half = 5;
    for (i64 i = 1; i < digits; ++i) half *= 10;
    set_w(v, (2 * dice_.roll(-1000, 1000) + 1) * half);
    put({Op::Rescale, scratch_w(), v, static_cast<std::uint8_t>(-digits), dice_.roll(0, 6)});
}

void CodeWriter::divided_tie(unsigned v, unsigned w, unsigned third) {
    const i128 size = edge_word(dice_) | 1;
    set_w(v, dice_.chance(50) ? size : -size);
    set_w(w, 2 * dice_.roll(-1000, 1000) + 1);
    set_w(third, 2 * size);
    put({Op::MulDiv, scratch_w(), v, w, third | dice_.roll(0, 6) << 8});
}

/// Any operation, its numbers at the edges where carries, signs and overflows are.
void CodeWriter::edge_operands(Op op) {
    random_operands(op);
    const Instruction in = f_.code.back();
    f_.code.pop_back();
    const OpInfo& info = op_info(op);
    for (const auto& [kind, number] : {std::pair{info.a, in.a}, std::pair{info.b, in.b}, std::pair{info.c, in.c}}) {
        if (kind == Operand::XSrc && number >= first_x_ && number < end_x_) set_x(number, sharp_word(dice_));
        if (kind == Operand::WSrc) set_w(number, sharp_wide(dice_));
    }
    if (info.imm == Immediate::WRegMode && dice_.chance(50)) set_w(static_cast<unsigned>(in.imm & 0xff), sharp_wide(dice_));
    f_.code.push_back(in);
}

/// Operands of checked arithmetic for which it has an answer.
bool CodeWriter::tamed_numbers(Op op) {
    const unsigned a = scratch_x(), b = scratch_x(), c = scratch_x();
    const bool wide = f_.w_registers > 2;
    const unsigned v = wide ? scratch_w() : 0, w = wide ? scratch_w() : 0;
    const i64 divisor = dice_.chance(50) ? dice_.roll(1, 9) : dice_.chance(30) ? -1 : dice_.roll(-1000, -2);
    switch (op) {
    case Op::DivX:
    case Op::RemX:
    case Op::DivFloorX:
    case Op::ModFloorX:
    case Op::DivUX:
    case Op::RemUX:
        if (divisor == -1) put({Op::SarImmX, b, any_x(), 1}); // but MIN
        put({Op::LoadImmX, c, 0, 0, divisor});
        return put({op, a, b, c}), true;
    case Op::AddCheckedX:
    case Op::SubCheckedX:
    case Op::MulCheckedX:
        put({dice_.chance(50) ? Op::Extend32X : Op::Extend16X, b, any_x()});
        put({Op::Extend32X, c, any_x()});
        return put({op, a, b, c}), true;
    case Op::DivW:
    case Op::RemW:
    case Op::DivUW:
    case Op::RemUW:
        if (!wide || v == w) return false;
        if (divisor == -1) put({Op::WidenX, v, any_x()});
        put({Op::LoadImmW, w, 0, 0, divisor});
        return put({op, scratch_w(), v, w}), true;
    case Op::AddCheckedW:
    case Op::SubCheckedW:
    case Op::MulCheckedW:
        if (!wide) return false;
        put({Op::WidenX, v, any_x()});
        put({Op::WidenX, w, any_x()});
        return put({op, scratch_w(), v, w}), true;
    case Op::NarrowW:
        if (!wide) return false;
        put({Op::WidenX, v, any_x()});
        return put({op, a, v}), true;
    case Op::MulDiv: {
        if (!wide) return false;
        put({Op::WidenX, v, any_x()});
        put({Op::WidenX, w, any_x()});
        const unsigned third = scratch_w();
        if (third == v || third == w || v == w) return false;
        if (dice_.chance(20)) return divided_tie(v, w, third), true;
        set_w(third, dice_.chance(50) ? divisor : edge_wide(dice_) | 1);
        return put({op, scratch_w(), v, w, third | dice_.roll(0, 6) << 8}), true;
    }
    case Op::Rescale:
        if (!wide) return false;
        if (dice_.chance(40)) return rescaled_tie(v), true;
        put({Op::WidenX, v, any_x()});
        return put({op, scratch_w(), v, static_cast<std::uint8_t>(dice_.roll(-38, 19)), dice_.roll(0, 6)}), true;
    default: return false;
    }
}

/// Addresses where there is memory.
bool CodeWriter::tamed_memory(Op op) {
    const OpInfo& info = op_info(op);
    const unsigned base = good_base();
    if (op == Op::Copy || op == Op::Fill) {
        const unsigned a = scratch_x(), b = scratch_x(), c = scratch_x();
        if (a == b || b == c || a == c) return false;
        put({Op::AddImmX, a, base, 0, dice_.roll(0, 120)});
        put({Op::AddImmX, b, dice_.chance(70) ? base : good_base(), 0, dice_.roll(0, 120)});
        put({Op::LoadImmX, c, 0, 0, dice_.roll(0, 100)});
        return put({op, a, b, c}), true;
    }
    if (info.imm != Immediate::Offset) return false;
    if (dice_.chance(at_the_end)) {
        const unsigned to = scratch_x();
        set_x(to, static_cast<u64>(usual_arena - dice_.roll(0, 18)));
        return put({op, operand(info.a, op), to}), true;
    }
    return put({op, operand(info.a, op), base, 0, dice_.roll(0, 240)}), true;
}

bool CodeWriter::tamed(Op op) { return tamed_numbers(op) || tamed_memory(op); }

void CodeWriter::operation() {
    const bool asset = f_.h_slots > 0 && dice_.chance(15);
    const Op op = dice_.pick(ops_where(asset ? touches_slots : is_plain));
    if (!possible(op)) return;
    const OpInfo& info = op_info(op);
    if (info.imm == Immediate::Offset && dice_.chance(10)) set_x(scratch_x(), edge_address(dice_));
    const bool numbers = info.imm != Immediate::Offset && op != Op::Copy && op != Op::Fill;
    if (numbers && dice_.chance(edged)) {
        edge_operands(op);
    } else if (dice_.chance(wild) || !tamed(op)) {
        const bool reaches = info.imm == Immediate::Offset || op == Op::Copy || op == Op::Fill;
        const bool risky = reaches || info.doc.find("trap") != std::string_view::npos;
        if (risky && dice_.chance(80)) return; // with operands at random it mostly only traps
        random_operands(op);
    }
    follow_slots(f_.code.back());
    if (dice_.chance(4)) set_x(scratch_x(), edge_word(dice_));
    if (has_w() && dice_.chance(6)) set_w(scratch_w(), edge_wide(dice_));
}

// ---- blocks -----------------------------------------------------------------------------------------------------------------

void CodeWriter::open_block() {
    put({Op::Block});
    ++blocks_;
}

void CodeWriter::open_block(Label& label) {
    for (const std::size_t at : label) f_.code[at].imm = blocks_;
    open_block();
}

void CodeWriter::branch_to(Label& label) {
    label.push_back(f_.code.size());
    put({Op::Jump});
}

void CodeWriter::conditional(Label& label) {
    const auto& ops = ops_where(is_conditional);
    Op op = dice_.pick(ops);
    while (!possible(op)) op = dice_.pick(ops);
    label.push_back(f_.code.size());
    const OpInfo& info = op_info(op);
    put({op, operand(info.a, op), operand(info.b, op), operand(info.c, op)});
}

void CodeWriter::branch_over(const Body& body) {
    Label end;
    conditional(end);
    open_block();
    const std::uint32_t before = slots_;
    body();
    restore(before);
    open_block(end);
}

void CodeWriter::either(const Body& first, const Body& second) {
    Label other, end;
    conditional(other);
    open_block();
    const std::uint32_t before = slots_;
    first();
    restore(before);
    branch_to(end);
    open_block(other);
    second();
    restore(before);
    open_block(end);
}

void CodeWriter::loop() {
    if (loops_ == 2) return;
    const unsigned counter = counter_ + static_cast<unsigned>(loops_++);
    put({Op::LoadImmX, counter, 0, 0, dice_.roll(1, loops_ == 1 ? 8 : 4)});
    const std::uint32_t before = slots_;
    const std::int32_t head = blocks_;
    open_block();
    statements(dice_.roll(1, 5));
    restore(before);
    put({Op::AddImmX, counter, counter, 0, -1});
    put({Op::BranchNotZero, counter, 0, 0, head});
    open_block();
    --loops_;
}

/// A few ways out, one of them behind the last case.
void CodeWriter::table() {
    const i64 ways = dice_.chance(3) ? dice_.roll(200, 300) : dice_.roll(1, 6);
    const unsigned which = scratch_x();
    if (dice_.chance(85)) put({Op::AndImmX, which, any_x(), 0, 7});
    put({Op::BranchTable, which, 0, 0, ways});
    std::vector<Label> labels(static_cast<std::size_t>(dice_.roll(1, 3)));
    Label end;
    for (i64 i = 0; i < ways; ++i) {
        Label& label = i < static_cast<i64>(labels.size()) ? labels[static_cast<std::size_t>(i)] : dice_.chance(30) ? end : labels.back();
        label.push_back(f_.code.size());
        put({Op::Case});
    }
    const std::uint32_t before = slots_;
    open_block();
    statements(dice_.roll(0, 2));
    restore(before);
    branch_to(end);
    for (Label& label : labels) {
        if (label.empty()) continue;
        open_block(label);
        statements(dice_.roll(0, 3));
        restore(before);
        branch_to(end);
    }
    open_block(end);
}

/// Mostly jumped over: a run that ends early shows little.
void CodeWriter::stop_or_return() {
    Label end;
    const unsigned x = scratch_x();
    if (dice_.chance(85)) {
        put({Op::LoadImmX, x, 0, 0, 5});
        end.push_back(f_.code.size());
        put({Op::BranchEqImm, x, 5});
    } else {
        conditional(end);
    }
    open_block();
    const std::uint32_t before = slots_;
    if (dice_.chance(50)) put({Op::TrapOp, 0, 0, 0, dice_.roll(1, 36)});
    else give_back();
    slots_ = before;
    open_block(end);
}

void CodeWriter::give_back() {
    switch (f_.result) {
    case ResultBank::None: restore(0); return put({Op::Return});
    case ResultBank::X: restore(0); return put({Op::ReturnX, any_x()});
    case ResultBank::W: restore(0); return put({Op::ReturnW, any_w()});
    case ResultBank::H: {
        const auto slot = static_cast<unsigned>(dice_.roll(0, f_.h_slots - 1));
        restore(1U << slot);
        return put({Op::ReturnH, slot});
    }
    }
}

// ---- holdings ---------------------------------------------------------------------------------------------------------------

std::vector<unsigned> CodeWriter::slots_that_are(bool wanted) const {
    std::vector<unsigned> out;
    for (unsigned i = 0; i < f_.h_slots; ++i)
        if (full(i) == wanted) out.push_back(i);
    return out;
}

void CodeWriter::fill(unsigned slot) {
    if (has_w() && dice_.chance(50)) put({Op::HWithdraw, slot, any_w(), any_x(), plain_vault});
    else put({Op::HEmpty, slot});
    slots_ |= 1U << slot;
}

void CodeWriter::empty(unsigned slot) {
    const i64 way = dice_.roll(0, 2);
    if (way == 0) put({Op::HEnd, slot});
    else if (way == 1) put({Op::HPay, slot, any_x()});
    else put({Op::HDeposit, slot, 0, any_x(), keyed_vault});
    slots_ &= ~(1U << slot);
}

void CodeWriter::restore(std::uint32_t wanted) {
    for (unsigned i = 0; i < f_.h_slots; ++i) {
        const bool should = (wanted >> i & 1) != 0;
        if (should && !full(i)) fill(i);
        if (!should && full(i)) empty(i);
    }
}

// ---- calls --------------------------------------------------------------------------------------------------------------------

bool CodeWriter::window(std::size_t xs, std::size_t ws, bool gives_x, unsigned& a, unsigned& b) {
    const std::size_t need = std::max<std::size_t>(xs, gives_x ? 1 : 0);
    if (need > end_x_ - first_x_ || ws > f_.w_registers) return false;
    a = static_cast<unsigned>(dice_.roll(first_x_, i64{end_x_} - static_cast<i64>(need)));
    b = static_cast<unsigned>(dice_.roll(0, static_cast<i64>(f_.w_registers - ws)));
    return a < 256 && b < 256;
}

/// Fills what a call takes; the slot of its result is empty once it has taken them.
bool CodeWriter::slot_window(std::size_t hs, bool gives, unsigned& c) {
    c = 0;
    const std::size_t need = std::max<std::size_t>(hs, gives ? 1 : 0);
    if (need == 0) return true;
    if (need > f_.h_slots) return false;
    c = static_cast<unsigned>(dice_.roll(0, f_.h_slots - static_cast<i64>(need)));
    for (unsigned i = c; i < c + hs; ++i)
        if (!full(i)) fill(i);
    if (hs == 0 && full(c)) empty(c);
    for (unsigned i = c; i < c + hs; ++i) slots_ &= ~(1U << i);
    if (gives) slots_ |= 1U << c;
    return true;
}

/// In a program only while there is fuel, one unit less of it further down.
void CodeWriter::fuelled(const Body& body) {
    if (!program_) return body();
    Label end;
    end.push_back(f_.code.size());
    put({Op::BranchLtImm, 0, 1});
    open_block();
    body();
    open_block(end);
}

void CodeWriter::call() {
    const std::size_t others = module_.functions.size();
    if (!program_ && number_ + 1 == others) return;
    const auto callee = static_cast<std::uint32_t>(dice_.roll(program_ ? 0 : number_ + 1, static_cast<i64>(others) - 1));
    const Function& f = module_.functions[callee];
    unsigned a = 0, b = 0, c = 0;
    const std::size_t ws = std::max<std::size_t>(f.w_params, f.result == ResultBank::W ? 1 : 0);
    if (!window(f.x_params, ws, f.result == ResultBank::X, a, b) || !slot_window(f.h_params, f.result == ResultBank::H, c)) return;
    fuelled([&] {
        if (program_) put({Op::AddImmX, a, 0, 0, -1});
        put({Op::Call, a, b, c, callee});
    });
}

void CodeWriter::call_table() {
    const ProgramPart& p = module_.program;
    if (p.table.empty()) return;
    const i64 place = dice_.roll(1, static_cast<i64>(p.table.size()));
    const Function& f = module_.functions[p.table[static_cast<std::size_t>(place) - 1]];
    const auto found = std::find(p.shapes.begin(), p.shapes.end(), CallShape{f.x_params, f.w_params, f.result});
    const auto shape = dice_.chance(95) ? found - p.shapes.begin() : dice_.roll(0, static_cast<i64>(p.shapes.size()) - 1);
    const CallShape& called = p.shapes[static_cast<std::size_t>(shape)];
    unsigned a = 0, b = 0;
    if (!window(called.x_params + std::size_t{1}, std::max<std::size_t>(called.w_params, called.result == ResultBank::W ? 1 : 0), true, a, b)) return;
    fuelled([&] {
        set_x(a, static_cast<u64>(dice_.chance(98) ? place : dice_.roll(-1, 20)));
        if (called.x_params > 0) put({Op::AddImmX, a + 1, 0, 0, -1});
        put({Op::CallTable, a, b, 0, shape});
    });
}

void CodeWriter::host_call() {
    const auto fn = static_cast<HostFn>(dice_.roll(0, static_cast<i64>(host_count) - 1));
    const HostInfo& info = host_info(fn);
    if (info.kind == HostKind::Test || (info.kind == HostKind::State && dice_.chance(60)) || (fn == HostFn::Fail && dice_.chance(95))) return;
    unsigned a = 0, b = 0;
    if (!window(info.x_params(), std::max<std::size_t>(info.w_params(), info.result() == 'w' ? 1 : 0), info.result() == 'x', a, b)) return;
    if (dice_.chance(97)) write_host_arguments(*this, fn, a, b);
    put({Op::HostCall, a, b, 0, static_cast<i64>(fn)});
}

void CodeWriter::import_call() {
    if (module_.imports.empty()) return;
    const auto number = dice_.roll(0, static_cast<i64>(module_.imports.size()) - 1);
    const Import& import = module_.imports[static_cast<std::size_t>(number)];
    std::size_t xs = 1, ws = 0, hs = 0;
    for (const std::uint32_t type : import.params) {
        xs += type == types::Int || type == types::Record;
        ws += type == types::Money;
        hs += type == types::Cash;
    }
    xs += import.result == types::Record;
    unsigned a = 0, b = 0, c = 0;
    if (!window(xs, std::max<std::size_t>(ws, import.result == types::Money ? 1 : 0), true, a, b) || !slot_window(hs, import.result == types::Cash, c)) return;
    put({Op::AddImmX, a, good_base(), 0, 0});
    put({Op::CallImport, a, b, c, number});
}

// ---- statements ---------------------------------------------------------------------------------------------------------------

void CodeWriter::statement() {
    const i64 kind = dice_.roll(0, 99);
    const bool deeper = depth_ < nesting_max && blocks_ < 200;
    const auto some = [&] { statements(dice_.roll(1, 4)); };
    ++depth_;
    if (kind < 5 && deeper) branch_over(some);
    else if (kind < 9 && deeper) either(some, some);
    else if (kind < 14 && deeper) loop();
    else if (kind < 17 && deeper) table();
    else if (kind < 19 && deeper) stop_or_return();
    else if (kind < 24) call();
    else if (kind < 27 && program_) call_table();
    else if (kind < 35) host_call();
    else if (kind < 37 && !program_) import_call();
    else
        for (int i = 0; i < 3; ++i) operation();
    --depth_;
}

void CodeWriter::statements(i64 count) {
    for (; count > 0; --count) statement();
}

void CodeWriter::write() {
    open_block();
    put({Op::FrameAddress, frame_});
    set_x(low_, static_cast<u64>(self_address + 16 * dice_.roll(0, 200)));
    for (i64 n = dice_.roll(1, 3); n > 0; --n) set_x(scratch_x(), edge_word(dice_));
    for (i64 n = has_w() ? dice_.roll(1, 3) : 0; n > 0; --n) set_w(scratch_w(), edge_wide(dice_));
    statements(dice_.roll(2, statements_max));
    give_back();
}

} // namespace tally::tri
