#include "tests/tri/farm.hpp"

#include "tests/tri/scripted_host.hpp"
#include "vm/value/decimal_text.hpp"

namespace tally::tri {
namespace {

std::uint8_t* above_null_page(Arena& arena) { return arena.at(self_address, arena.size() - self_address); }

template <typename T> std::string first_difference(const char* what, const std::vector<T>& a, const std::vector<T>& b) {
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
        if (i < a.size() && i < b.size() && a[i] == b[i]) continue;
        const auto text = [&](const std::vector<T>& v) { return i < v.size() ? int_text(static_cast<i128>(v[i])) : std::string("nothing"); };
        return std::string(what) + " " + std::to_string(i) + ": " + text(a) + " | " + text(b) + "\n";
    }
    return "";
}

template <typename T> std::string difference(const char* what, const T& a, const T& b) {
    if (a == b) return "";
    return std::string(what) + ": " + int_text(static_cast<i128>(a)) + " | " + int_text(static_cast<i128>(b)) + "\n";
}

std::string of_memory(Arena& a, Arena& b) {
    const std::uint8_t *left = above_null_page(a), *right = above_null_page(b);
    const std::size_t count = a.size() - self_address;
    if (std::memcmp(left, right, count) == 0) return "";
    std::size_t at = 0;
    while (left[at] == right[at]) ++at;
    return difference(("byte at " + std::to_string(at + self_address)).c_str(), u64{left[at]}, u64{right[at]});
}

bool same(Farm::Run& a, Farm::Run& b) {
    const Outcome &l = a.outcome, &r = b.outcome;
    return l.trap == r.trap && l.x == r.x && l.w == r.w && l.h == r.h && l.function == r.function && l.instruction == r.instruction && a.left == b.left &&
           a.registers == b.registers && a.trace == b.trace && a.arena.size() == b.arena.size() &&
           std::memcmp(above_null_page(a.arena), above_null_page(b.arena), a.arena.size() - self_address) == 0;
}

std::string told(Farm::Run& a, Farm::Run& b) {
    const Outcome &l = a.outcome, &r = b.outcome;
    std::string out;
    if (l.trap != r.trap) out += "trap: " + trap_name(l.trap) + " | " + trap_name(r.trap) + "\n";
    out += difference("result x", l.x, r.x) + difference("result w", l.w, r.w) + difference("result h", l.h, r.h) + difference("function", l.function, r.function) +
           difference("instruction", l.instruction, r.instruction) + difference("gas left", a.left, b.left);
    return out + first_difference("x", a.registers.x, b.registers.x) + first_difference("w", a.registers.w, b.registers.w) +
           first_difference("h", a.registers.h, b.registers.h) + first_difference("host trace", a.trace, b.trace) + of_memory(a.arena, b.arena);
}

} // namespace

std::string trap_name(Trap trap) {
    const TrapInfo* const info = trap_info(trap);
    return info == nullptr ? "None" : std::string(info->name);
}

void Farm::prepare(const std::shared_ptr<const Program>& program) {
    if (program_ == program.get()) return;
    program_ = program.get();
    keep_ = program;
    prepared_.clear();
    for (const EngineRow& row : engines()) prepared_.push_back(row.prepare(program));
    memory_.clear();
}

void Farm::start_with(const Case& c) {
    prepare(c.program);
    if (!memory_.empty() && memory_seed_ == c.seed && memory_function_ == c.function) return;
    memory_ = memory_of(c);
    memory_seed_ = c.seed;
    memory_function_ = c.function;
}

void Farm::run(std::size_t engine, const Case& c) {
    Run& out = runs_[engine];
    if (out.arena.size() != memory_.size()) out.arena.resize(static_cast<std::uint32_t>(memory_.size()));
    std::memcpy(above_null_page(out.arena), memory_.data() + self_address, memory_.size() - self_address);
    ScriptedHost host(c.program->module, c.seed);
    Gas gas{c.gas};
    out.registers = {};
    out.outcome = prepared_[engine].engine(*prepared_[engine].program, {c.function, c.arguments, stack_of(c), out.arena, gas, host, &out.registers});
    out.left = gas.left;
    out.trace = host.trace();
    ++executions;
}

std::optional<std::string> Farm::differ(const Case& c) {
    start_with(c);
    runs_.resize(engines().size());
    for (std::size_t i = 0; i < runs_.size(); ++i) run(i, c);
    ++cases;
    used_ = c.gas - runs_[0].left;
    trap_ = runs_[0].outcome.trap;
    if (counting_) ++traps[trap_name(trap_)];
    for (std::size_t i = 1; i < runs_.size(); ++i)
        if (!same(runs_[0], runs_[i])) return std::string(engines()[0].name) + " | " + engines()[i].name + "\n" + told(runs_[0], runs_[i]);
    return std::nullopt;
}

} // namespace tally::tri
