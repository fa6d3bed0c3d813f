#include "vm/bytecode/assemble.hpp"

#include "vm/bytecode/listing.hpp"
#include "vm/value/decimal_text.hpp"

#include <map>

namespace tally {
namespace {

/// `add`, or with quotes and \xx for what a plain name cannot hold.
std::string quoted(std::string_view name) {
    if (listing::is_plain_name(name)) return std::string(name);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\') {
            out += c;
            continue;
        }
        out += '\\';
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out + '"';
}

using NameCounts = std::map<std::string_view, std::size_t>;

NameCounts count_names(const Module& module) {
    NameCounts counts;
    for (const Function& f : module.functions)
        ++counts[f.name];
    return counts;
}

class Listing {
public:
    Listing(const Module& module, const NameCounts& names) : module_(module), names_(names) {}

    std::string function(const Function& f) {
        head(f);
        std::size_t block = 0, line = 0;
        for (std::size_t i = 0; i < f.code.size(); ++i) {
            if (line < f.lines.size() && f.lines[line].instruction == i)
                out_ += "    .line " + std::to_string(f.lines[line++].line) + "\n";
            if (f.code[i].op == Op::Block)
                out_ += "b" + std::to_string(block++) + ":\n";
            else
                instruction(f.code[i]);
        }
        return std::move(out_) + "}\n";
    }

private:
    static std::string counts(std::size_t x, std::size_t w, std::size_t h) {
        return "x" + std::to_string(x) + " w" + std::to_string(w) + " h" + std::to_string(h);
    }

    void head(const Function& f) {
        out_ = "fn " + quoted(f.name) + "(" + counts(f.x_params, f.w_params, f.h_params) + ")";
        if (f.result != ResultBank::None) {
            out_ += " -> ";
            out_ += listing::bank_names[static_cast<std::size_t>(f.result)];
        }
        out_ += "  regs " + counts(f.x_registers, f.w_registers, f.h_slots) + " frame " +
                std::to_string(f.frame_bytes) + " {\n";
    }

    void instruction(const Instruction& in) {
        const OpInfo& info = op_info(in.op);
        std::string_view before = " ";
        out_ += "    ";
        out_ += info.mnemonic;
        const auto word = [&](const std::string& text) {
            out_ += before;
            out_ += text;
            before = ", ";
        };
        for (const auto& [kind, number] :
             {std::pair{info.a, in.a}, std::pair{info.b, in.b}, std::pair{info.c, in.c}})
            if (kind == Operand::Small)
                word(std::to_string(static_cast<std::int8_t>(number)));
            else if (kind != Operand::None)
                word(listing::register_letter(kind) + std::to_string(number));
        if (info.imm != Immediate::None) word(immediate(info.imm, in.imm));
        out_ += note(info.imm, static_cast<std::uint32_t>(in.imm)) + "\n";
    }

    std::string immediate(Immediate kind, std::int32_t imm) const {
        const auto value = static_cast<std::uint32_t>(imm);
        const std::string number = std::to_string(value);
        switch (kind) {
        case Immediate::None: return "";
        case Immediate::I32:
        case Immediate::Offset: return std::to_string(imm);
        case Immediate::Target: return "b" + number;
        case Immediate::Fn: return function_name(value);
        case Immediate::Host:
            return value < host_count ? std::string(host_info(static_cast<HostFn>(value)).name)
                                      : number;
        case Immediate::TrapNo: {
            const TrapInfo* info = value > 0xffff ? nullptr : trap_info(static_cast<Trap>(value));
            return info == nullptr ? number : std::string(info->name);
        }
        case Immediate::XReg: return "x" + number;
        case Immediate::WReg: return "w" + number;
        case Immediate::WRegMode: return register_and_mode(value);
        case Immediate::Mode: return mode_name(value);
        case Immediate::Cases:
        case Immediate::CallShape:
        case Immediate::Import:
        case Immediate::ConstX:
        case Immediate::ConstW:
        case Immediate::Vault:
        case Immediate::Frame: return number;
        }
        return number;
    }

    static std::string mode_name(std::uint32_t mode) {
        return mode < listing::rounding_names.size() ? std::string(listing::rounding_names[mode])
                                                     : std::to_string(mode);
    }

    static std::string register_and_mode(std::uint32_t value) {
        return "w" + std::to_string(value & 0xff) + ", " + mode_name(value >> 8);
    }

    /// The name if it means one function only, else `@number`.
    std::string function_name(std::uint32_t number) const {
        if (number >= module_.functions.size()) return "@" + std::to_string(number);
        const std::string& name = module_.functions[number].name;
        const auto found = names_.find(name);
        const bool unique = found != names_.end() && found->second == 1;
        return unique ? quoted(name) : "@" + std::to_string(number);
    }

    /// What a number stands for, as a comment.
    std::string note(Immediate kind, std::uint32_t value) const {
        if (kind == Immediate::ConstX && value < module_.x_constants.size())
            return " ; " + std::to_string(module_.x_constants[value]);
        if (kind == Immediate::ConstW && value < module_.w_constants.size())
            return " ; " + int_text(module_.w_constants[value]);
        if (kind != Immediate::Import || value >= module_.imports.size()) return "";
        const Import& import = module_.imports[value];
        if (import.entry.empty()) return "";
        return " ; " + quoted(import.contract) + "." + quoted(import.entry);
    }

    const Module& module_;
    const NameCounts& names_;
    std::string out_;
};

} // namespace

namespace {

std::string program_part(const ProgramPart& program) {
    if (!program.present) return "";
    constexpr std::size_t line = 32;
    std::string out = "program " + std::to_string(program.memory) + "\n";
    for (std::size_t at = 0; at < program.data.size(); at += line)
        out += "data " + hex(ByteView(program.data).subspan(at, std::min(line, program.data.size() - at))) + "\n";
    for (const CallShape& s : program.shapes) {
        out += "shape x" + std::to_string(s.x_params) + " w" + std::to_string(s.w_params);
        if (s.result != ResultBank::None) out += " -> " + std::string(listing::bank_names[static_cast<std::size_t>(s.result)]);
        out += "\n";
    }
    for (const std::uint32_t function : program.table) out += "table @" + std::to_string(function) + "\n";
    return out;
}

} // namespace

std::string disassemble(const Module& module, const Function& function) {
    return Listing(module, count_names(module)).function(function);
}

std::string disassemble(const Module& module) {
    std::string out;
    if (!module.imports.empty()) out += "imports " + std::to_string(module.imports.size()) + "\n";
    for (std::size_t i = 0; i < module.x_constants.size(); ++i)
        out +=
            "const x " + std::to_string(i) + " = " + std::to_string(module.x_constants[i]) + "\n";
    for (std::size_t i = 0; i < module.w_constants.size(); ++i)
        out += "const w " + std::to_string(i) + " = " + int_text(module.w_constants[i]) + "\n";
    out += program_part(module.program);
    const NameCounts names = count_names(module);
    for (const Function& function : module.functions) {
        if (!out.empty()) out += "\n";
        out += Listing(module, names).function(function);
    }
    return out;
}

} // namespace tally
