#include "vm/bytecode/assemble.hpp"

#include "vm/bytecode/limits.hpp"
#include "vm/bytecode/listing.hpp"
#include "vm/value/decimal_text.hpp"

#include <limits>
#include <map>
#include <optional>

namespace tally {
namespace {

// ---- words --------------------------------------------------------------------------------------

struct Word {
    std::string text;
    bool quoted = false;
};

/// One line in words. Spaces and commas part them; `(` `)` `{` `}` `:` stand alone; `;` begins a
/// comment. Nothing if a quoted name is not well formed.
class LineReader {
public:
    explicit LineReader(std::string_view line) : line_(line) {}

    std::optional<std::vector<Word>> words() {
        std::vector<Word> out;
        while (skip_space()) {
            if (line_[at_] == '"') {
                auto name = quoted_name();
                if (!name) return std::nullopt;
                out.push_back({std::move(*name), true});
            } else {
                out.push_back({plain_word(), false});
            }
        }
        return out;
    }

private:
    static bool stands_alone(char c) {
        return std::string_view("(){}:").find(c) != std::string_view::npos;
    }
    static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == ','; }

    bool skip_space() {
        while (at_ < line_.size() && is_space(line_[at_]))
            ++at_;
        return at_ < line_.size() && line_[at_] != ';';
    }

    std::string plain_word() {
        const std::size_t start = at_++;
        if (stands_alone(line_[start])) return std::string(line_.substr(start, 1));
        while (at_ < line_.size() && !is_space(line_[at_]) && !stands_alone(line_[at_]) &&
               line_[at_] != ';' && line_[at_] != '"')
            ++at_;
        return std::string(line_.substr(start, at_ - start));
    }

    std::optional<std::string> quoted_name() {
        std::string out;
        for (++at_; at_ < line_.size() && line_[at_] != '"'; ++at_) {
            if (line_[at_] != '\\') {
                out += line_[at_];
                continue;
            }
            Bytes byte;
            if (!unhex(line_.substr(at_ + 1, 2), byte) || byte.size() != 1) return std::nullopt;
            out += static_cast<char>(byte[0]);
            at_ += 2;
        }
        if (at_ == line_.size()) return std::nullopt;
        ++at_;
        return out;
    }

    std::string_view line_;
    std::size_t at_ = 0;
};

// ---- numbers ------------------------------------------------------------------------------------

template <typename Int> std::optional<Int> number(std::string_view text) {
    const auto value = decimal_parse(text, 0);
    if (!value || *value < i128{std::numeric_limits<Int>::min()} ||
        *value > i128{std::numeric_limits<Int>::max()})
        return std::nullopt;
    return static_cast<Int>(*value);
}

/// `x12` for the letter x.
template <typename Int> std::optional<Int> numbered(char letter, std::string_view text) {
    if (text.size() < 2 || text.front() != letter || !listing::is_digit(text[1]))
        return std::nullopt;
    return number<Int>(text.substr(1));
}

template <typename Names>
std::optional<std::uint32_t> position(const Names& names, std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return static_cast<std::uint32_t>(found - names.begin());
}

std::optional<std::uint32_t> host_number(std::string_view text) {
    if (const auto fn = host_by_name(text)) return static_cast<std::uint32_t>(*fn);
    return number<std::uint32_t>(text);
}

std::optional<std::uint32_t> trap_number(std::string_view text) {
    if (const auto trap = trap_by_name(text)) return static_cast<std::uint32_t>(*trap);
    return number<std::uint32_t>(text);
}

/// Numbers above 2^31 are the negative ones of the field.
std::optional<std::int32_t> as_immediate(std::optional<std::uint32_t> value) {
    if (!value) return std::nullopt;
    return static_cast<std::int32_t>(*value);
}

// ---- lines --------------------------------------------------------------------------------------

class Assembler {
public:
    std::variant<Module, ModuleError> run(std::string_view text) {
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            ++line_;
            if (!line(text.substr(0, end))) return complaint();
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        if (inside_ && !fail("a function without its `}`")) return complaint();
        if (!resolve_calls()) return complaint();
        return std::move(module_);
    }

private:
    struct Call { ///< to a function that may come later
        std::size_t function, instruction, line;
        Word callee;
    };

    bool fail(std::string what) {
        what_ = std::move(what);
        return false;
    }
    ModuleError complaint() const { return {"line " + std::to_string(line_) + ": " + what_}; }

    bool line(std::string_view text) {
        auto words = LineReader(text).words();
        if (!words) return fail("a quoted name is not well formed");
        words_ = std::move(*words);
        next_ = 0;
        if (words_.empty()) return true;
        const bool ok = inside_ ? body_line() : top_line();
        return ok && (next_ == words_.size() || fail("too much on this line"));
    }

    // -- taking words

    const std::string& peek() const {
        static const std::string nothing;
        return next_ < words_.size() && !words_[next_].quoted ? words_[next_].text : nothing;
    }
    bool take(std::string_view word) {
        if (peek() != word) return false;
        ++next_;
        return true;
    }
    bool expect(std::string_view word) {
        return take(word) || fail("expected `" + std::string(word) + "`");
    }
    template <typename Value>
    bool take_into(Value& out, std::optional<Value> value, const char* what) {
        if (!value) return fail(std::string("expected ") + what);
        ++next_;
        out = *value;
        return true;
    }

    // -- outside functions

    bool top_line() {
        if (take("imports")) return imports();
        if (take("const")) return constant();
        if (take("program")) return program();
        if (take("data")) return data();
        if (take("shape")) return shape();
        if (take("table")) return table();
        if (take("fn")) return head();
        return fail("expected `imports`, `const`, `program`, `data`, `shape`, `table` or `fn`");
    }

    bool program() {
        if (module_.program.present) return fail("a second `program`");
        module_.program.present = true;
        return take_into(module_.program.memory, number<std::uint32_t>(peek()), "bytes of memory");
    }

    /// Hexadecimal, as many lines as one likes: each goes on where the last ended.
    bool data() {
        Bytes more;
        if (!unhex(peek(), more) || more.empty()) return fail("expected bytes in lower-case hexadecimal");
        Bytes& all = module_.program.data;
        if (more.size() > limits::program_bytes - all.size()) return fail("too much data");
        all.insert(all.end(), more.begin(), more.end());
        ++next_;
        return true;
    }

    bool shape() {
        auto& all = module_.program.shapes;
        if (all.size() == limits::functions) return fail("too many shapes");
        CallShape& s = all.emplace_back();
        return take_into(s.x_params, numbered<std::uint16_t>('x', peek()), "a number of x registers") &&
               take_into(s.w_params, numbered<std::uint16_t>('w', peek()), "a number of w registers") &&
               (!take("->") || result(s.result));
    }

    /// One function by its number.
    bool table() {
        auto& all = module_.program.table;
        if (all.size() == limits::functions) return fail("the table is too long");
        return take_into(all.emplace_back(), numbered<std::uint32_t>('@', peek()), "a function by its number, `@0`");
    }

    bool imports() {
        std::uint32_t count = 0;
        if (!take_into(count, number<std::uint32_t>(peek()), "a number")) return false;
        if (count > limits::imports || !module_.imports.empty()) return fail("not so many imports");
        module_.imports.resize(count);
        return true;
    }

    bool constant() {
        if (take("x")) return constant_into(module_.x_constants);
        if (take("w")) return constant_into(module_.w_constants);
        return fail("expected `x` or `w`");
    }

    template <typename Int> static std::optional<Int> constant_value(const std::string& text) {
        const auto value = decimal_parse(text, 0);
        if (!value || *value != static_cast<i128>(static_cast<Int>(*value))) return std::nullopt;
        return static_cast<Int>(*value);
    }

    template <typename Int> bool constant_into(std::vector<Int>& pool) {
        std::size_t at = 0;
        if (!take_into(at, number<std::size_t>(peek()), "a number")) return false;
        if (at != pool.size() || at == limits::constants)
            return fail("constants are numbered from 0");
        return expect("=") &&
               take_into(pool.emplace_back(), constant_value<Int>(peek()), "an integer");
    }

    bool counts(std::uint16_t& x, std::uint16_t& w, std::uint16_t& h) {
        return take_into(x, numbered<std::uint16_t>('x', peek()), "a number of x registers") &&
               take_into(w, numbered<std::uint16_t>('w', peek()), "a number of w registers") &&
               take_into(h, numbered<std::uint16_t>('h', peek()), "a number of h slots");
    }

    bool head() {
        if (module_.functions.size() == limits::functions) return fail("too many functions");
        if (next_ == words_.size() ||
            (!words_[next_].quoted && !listing::is_plain_name(words_[next_].text)))
            return fail("expected a name");
        Function& f = module_.functions.emplace_back();
        f.name = words_[next_++].text;
        if (!expect("(") || !counts(f.x_params, f.w_params, f.h_params) || !expect(")"))
            return false;
        if (take("->") && !result(f.result)) return false;
        inside_ = true;
        blocks_ = 0;
        return expect("regs") && counts(f.x_registers, f.w_registers, f.h_slots) &&
               expect("frame") &&
               take_into(f.frame_bytes, number<std::uint32_t>(peek()), "a number") && expect("{");
    }

    bool result(ResultBank& out) {
        const auto bank = position(listing::bank_names, peek());
        if (!bank || *bank == 0) return fail("expected `x`, `w` or `h`");
        ++next_;
        out = static_cast<ResultBank>(*bank);
        return true;
    }

    // -- inside a function

    bool body_line() {
        Function& f = module_.functions.back();
        if (take("}")) {
            inside_ = false;
            return f.lines.empty() || f.lines.back().instruction < f.code.size() ||
                   fail("a source line without an instruction");
        }
        if (take(".line")) return source_line(f);
        if (f.code.size() == limits::function_instructions) return fail("too many instructions");
        if (words_.size() == next_ + 2 && words_[next_ + 1].text == ":") return label(f);
        return instruction(f);
    }

    bool source_line(Function& f) {
        const auto at = static_cast<std::uint32_t>(f.code.size());
        if (!f.lines.empty() && f.lines.back().instruction == at) return fail("two source lines at once");
        f.lines.push_back({at, 0});
        return take_into(f.lines.back().line, number<std::uint32_t>(peek()), "a number");
    }

    bool label(Function& f) {
        if (numbered<std::size_t>('b', peek()) != blocks_)
            return fail("blocks are numbered from 0");
        ++blocks_;
        next_ += 2;
        f.code.push_back({Op::Block, 0, 0, 0, 0});
        return true;
    }

    bool instruction(Function& f) {
        const auto op = op_by_mnemonic(peek());
        if (!op || *op == Op::Block) return fail("no such instruction");
        ++next_;
        Instruction& in = f.code.emplace_back();
        in.op = *op;
        const OpInfo& info = op_info(*op);
        return operand(info.a, in.a) && operand(info.b, in.b) && operand(info.c, in.c) &&
               immediate(info.imm, in.imm);
    }

    bool operand(Operand kind, std::uint8_t& out) {
        if (kind == Operand::None) return true;
        if (kind == Operand::Small) return small(out);
        return take_into(out, numbered<std::uint8_t>(listing::register_letter(kind), peek()),
                         "a register");
    }

    bool small(std::uint8_t& out) {
        std::int8_t value = 0;
        if (!take_into(value, number<std::int8_t>(peek()), "a number from -128 to 127")) return false;
        out = static_cast<std::uint8_t>(value);
        return true;
    }

    bool immediate(Immediate kind, std::int32_t& out) {
        const std::string& text = peek();
        switch (kind) {
        case Immediate::None: return true;
        case Immediate::I32:
        case Immediate::Offset: return take_into(out, number<std::int32_t>(text), "a number");
        case Immediate::Target:
            return take_number(out, numbered<std::uint32_t>('b', text), "a block");
        case Immediate::Fn: return callee();
        case Immediate::Host: return take_number(out, host_number(text), "a host function");
        case Immediate::TrapNo: return take_number(out, trap_number(text), "a trap");
        case Immediate::XReg:
            return take_number(out, numbered<std::uint32_t>('x', text), "a register");
        case Immediate::WReg:
            return take_number(out, numbered<std::uint32_t>('w', text), "a register");
        case Immediate::WRegMode: return register_and_mode(out);
        case Immediate::Mode: return take_number(out, position(listing::rounding_names, text), "a rounding mode");
        case Immediate::Cases:
        case Immediate::CallShape:
        case Immediate::Import:
        case Immediate::ConstX:
        case Immediate::ConstW:
        case Immediate::Vault:
        case Immediate::Frame: return take_number(out, number<std::uint32_t>(text), "a number");
        }
        return false;
    }

    bool take_number(std::int32_t& out, std::optional<std::uint32_t> value, const char* what) {
        return take_into(out, as_immediate(value), what);
    }

    bool register_and_mode(std::int32_t& out) {
        std::uint8_t reg = 0;
        std::uint32_t mode = 0;
        if (!take_into(reg, numbered<std::uint8_t>('w', peek()), "a register") ||
            !take_into(mode, position(listing::rounding_names, peek()), "a rounding mode"))
            return false;
        out = static_cast<std::int32_t>(mode << 8 | reg);
        return true;
    }

    bool callee() {
        if (next_ == words_.size()) return fail("expected a function");
        const Function& f = module_.functions.back();
        calls_.push_back({module_.functions.size() - 1, f.code.size() - 1, line_, words_[next_++]});
        return true;
    }

    bool resolve_calls() {
        // The first of a name wins; the disassembler writes a name only where it is the only one.
        std::map<std::string_view, std::uint32_t> numbers;
        for (std::uint32_t i = 0; i < module_.functions.size(); ++i)
            numbers.emplace(module_.functions[i].name, i);
        for (const Call& call : calls_) {
            line_ = call.line;
            std::int32_t& imm = module_.functions[call.function].code[call.instruction].imm;
            const auto found = numbers.find(call.callee.text);
            if (!call.callee.quoted && call.callee.text.front() == '@') {
                const auto value = as_immediate(numbered<std::uint32_t>('@', call.callee.text));
                if (!value) return fail("expected a function");
                imm = *value;
            } else if (found != numbers.end()) {
                imm = static_cast<std::int32_t>(found->second);
            } else {
                return fail("no function `" + call.callee.text + "`");
            }
        }
        return true;
    }

    Module module_;
    std::vector<Word> words_;
    std::vector<Call> calls_;
    std::string what_;
    std::size_t next_ = 0, line_ = 0, blocks_ = 0;
    bool inside_ = false;
};

} // namespace

std::variant<Module, ModuleError> assemble(std::string_view text) { return Assembler().run(text); }

} // namespace tally
