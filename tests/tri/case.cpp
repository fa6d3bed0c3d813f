#include "tests/tri/case.hpp"

#include "tests/agreement/dice.hpp"
#include "vm/bytecode/codec.hpp"
#include "vm/bytecode/assemble.hpp"
#include "vm/bytecode/limits.hpp"
#include "vm/value/bytes.hpp"
#include "vm/value/decimal_text.hpp"
#include "vm/value/memory.hpp"

#include <sstream>

namespace tally::tri {
namespace {

using agreement::Dice;

constexpr std::uint32_t recursion_room = 4096; ///< above the first frame of a program

std::uint32_t size_of(const Case& c) {
    const std::uint32_t end = stack_of(c) + c.program->facts.stack_bytes[c.function] + (c.program->module.program.present ? recursion_room : 0);
    return std::max(usual_arena, end + 16 * static_cast<std::uint32_t>(c.seed % 3));
}

/// Mostly small, so that counts and lengths are ones that may be.
u64 word(Dice& dice) {
    const i64 kind = dice.roll(0, 9);
    if (kind < 5) return 0;
    if (kind < 8) return static_cast<u64>(dice.roll(0, 3));
    if (kind == 8) return dice.next();
    const i64 around = dice.roll(-1, 1), bit = dice.roll(0, 63); // in this order with every compiler
    return static_cast<u64>(around) ^ u64{1} << bit;
}

void scatter(std::vector<std::uint8_t>& memory, std::size_t from, Dice& dice) {
    for (std::size_t at = from; at + 8 <= memory.size(); at += 8)
        write_word(memory.data() + at, word(dice));
}

} // namespace

std::uint32_t stack_of(const Case& c) {
    const ProgramPart& p = c.program->module.program;
    return p.present ? p.memory : low_memory;
}

std::vector<std::uint8_t> memory_of(const Case& c) {
    std::vector<std::uint8_t> out(size_of(c));
    Dice dice(c.seed);
    const ProgramPart& p = c.program->module.program;
    std::copy(p.data.begin(), p.data.end(), out.begin() + self_address);
    const bool empty_below = p.present || dice.chance(50);
    scatter(out, empty_below ? stack_of(c) : self_address, dice);
    return out;
}

// ---- regression files ---------------------------------------------------------------------------------------------------

namespace {

template <typename List, typename Text> std::string listed(const char* word, const List& list, Text text) {
    std::string out = word;
    for (const auto& v : list) out += " " + text(v);
    return out + "\n";
}

/// Each line behind `; `, which the reader skips.
std::string commented(const std::string& text) {
    std::string out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) out += "; " + line + "\n";
    return out;
}

bool read_arguments(const std::string& word, std::istringstream& line, Case& out) {
    for (std::string value; line >> value;) {
        const auto number = decimal_parse(value, 0);
        if (!number) return false;
        if (word == "x") out.arguments.x.push_back(static_cast<u64>(*number));
        else if (word == "w") out.arguments.w.push_back(*number);
        else out.arguments.h.push_back(static_cast<Holding>(*number));
    }
    return true;
}

bool read_module(std::istringstream& line, Case& out, std::string& error) {
    std::string hexed;
    Bytes bytes;
    if (!(line >> hexed) || !unhex(hexed, bytes)) return error = "no bytes of a module", false;
    // A case outlives the versions that it was found under; each is one byte behind the magic.
    if (bytes.size() > codec::magic.size() + 2) {
        bytes[codec::magic.size()] = isa_version;
        bytes[codec::magic.size() + 1] = gas_schedule_version;
    }
    auto module = decode(bytes);
    if (const auto* e = std::get_if<ModuleError>(&module)) return error = e->what, false;
    auto loaded = load(std::move(std::get<Module>(module)), module_hash(bytes));
    if (const auto* e = std::get_if<VerifyError>(&loaded)) return error = e->what, false;
    out.program = std::get<std::shared_ptr<const Program>>(loaded);
    return true;
}

bool read_line(const std::string& text, Case& out, std::string& error) {
    std::istringstream line(text);
    std::string word;
    if (!(line >> word) || word[0] == ';') return true;
    error = "line `" + text.substr(0, 40) + "`";
    if (word == "module") return read_module(line, out, error);
    if (word == "function") return static_cast<bool>(line >> out.function);
    if (word == "gas") return static_cast<bool>(line >> out.gas);
    if (word == "seed") return static_cast<bool>(line >> out.seed);
    return (word == "x" || word == "w" || word == "h") && read_arguments(word, line, out);
}

} // namespace

std::string text_of(const Case& c, const std::string& why) {
    const auto number = [](auto v) { return int_text(static_cast<i128>(v)); };
    return commented(why) + "\nfunction " + std::to_string(c.function) + "\n" + listed("x", c.arguments.x, number) + listed("w", c.arguments.w, number) +
           listed("h", c.arguments.h, number) + "gas " + std::to_string(c.gas) + "\nseed " + std::to_string(c.seed) + "\n\n" + commented(disassemble(c.program->module)) +
           "\nmodule " + hex(encode(c.program->module)) + "\n";
}

std::optional<Case> case_of(std::string_view text, std::string& error) {
    Case out;
    std::istringstream in{std::string(text)};
    for (std::string line; std::getline(in, line);)
        if (!read_line(line, out, error)) return std::nullopt;
    error = "no module, or no such function";
    if (!out.program || out.function >= out.program->module.functions.size()) return std::nullopt;
    error.clear();
    return out;
}

} // namespace tally::tri
