#include "runtime/trace/words.hpp"

#include "vm/bytecode/listing.hpp"
#include "vm/value/decimal_text.hpp"
#include "vm/value/muldiv.hpp"

namespace tally {
namespace {

struct OpWords {
    Op op;
    std::string_view words;
};
constexpr OpWords op_words[] = {
    {Op::AddCheckedW, "the sum of"}, {Op::AddW, "the sum of"}, {Op::SubCheckedW, "the difference of"}, {Op::SubW, "the difference of"},
    {Op::MulCheckedW, "the product of"}, {Op::MulW, "the product of"}, {Op::MinW, "the smaller of"}, {Op::MaxW, "the larger of"},
    {Op::AddCheckedX, "the sum of"}, {Op::AddX, "the sum of"}, {Op::SubCheckedX, "the difference of"}, {Op::MulCheckedX, "the product of"},
    {Op::MinX, "the smaller of"}, {Op::MaxX, "the larger of"}, {Op::DivW, "the whole quotient of"}, {Op::RemW, "the remainder of"},
};

struct FnWords {
    HostFn fn;
    std::string_view words;
};
constexpr FnWords fn_words[] = {
    {HostFn::Annuity, "the equal instalment for (principal, rate, periods a year, payments)"},
    {HostFn::DecimalFused, "(first × second + third) ÷ fourth"}, {HostFn::Power, "the power of"}, {HostFn::Root, "the root of"},
};

class Sentence {
public:
    Sentence(const Tracer& tracer, const LineageNode& node, int exponent) : tracer_(tracer), node_(node), exponent_(exponent) {}

    std::string text() const {
        switch (node_.kind) {
        case LineageNode::Kind::Constant: return "a number of the code";
        case LineageNode::Kind::Unknown: return "out of memory, not followed further";
        case LineageNode::Kind::Field:
        case LineageNode::Kind::Element: return "`" + node_.what + "` of instance " + std::to_string(node_.instance) + " as it was before";
        case LineageNode::Kind::Balance: return "what the vault `" + node_.what + "` of instance " + std::to_string(node_.instance) + " held";
        case LineageNode::Kind::Argument: return "argument `" + node_.what + "`";
        case LineageNode::Kind::Operation: return operation();
        case LineageNode::Kind::Call: return call();
        case LineageNode::Kind::Part: return part();
        case LineageNode::Kind::Accrued: return node_.fn == HostFn::AccrualAdd ? "accrued: base × rate × days added" : "accrued: what was billed taken off";
        case LineageNode::Kind::Taken: return node_.what.empty() ? "taken out of " + value(1) : "taken out of " + node_.what;
        case LineageNode::Kind::Rest: return "what was left of " + value(0) + " after " + value(1);
        case LineageNode::Kind::Joined: return value(0) + " and " + value(1) + " put together";
        }
        return {};
    }

private:
    /// A plain number next to money is money too.
    std::string value(std::size_t i) const {
        LineageNode input = tracer_.node(node_.inputs[i]);
        const bool alike = node_.kind == LineageNode::Kind::Operation && node_.op != Op::MulDiv && node_.op != Op::MulCheckedW && node_.op != Op::MulW && node_.op != Op::Rescale;
        if (input.unit == NumberUnit::Unknown && alike) input.unit = node_.unit;
        return value_text(input, exponent_);
    }

    std::string values(std::string_view between) const {
        std::string out;
        for (std::size_t i = 0; i < node_.inputs.size(); ++i) out += (i == 0 ? "" : std::string(between)) + value(i);
        return out;
    }

    [[nodiscard]] i128 number(std::size_t i) const { return tracer_.node(node_.inputs[i]).value; }

    std::string operation() const {
        if (node_.op == Op::MulDiv) return value(0) + " × " + value(1) + " ÷ " + value(2) + rounded(number(0), number(1), number(2));
        if (node_.op == Op::Rescale) return value(0) + " × 10^" + std::to_string(static_cast<std::int8_t>(node_.index)) + rounded();
        for (const OpWords& one : op_words)
            if (one.op == node_.op) return std::string(one.words) + " " + values(" and ");
        return std::string(op_info(node_.op).mnemonic) + " of " + values(", ");
    }

    std::string call() const {
        if (node_.fn == HostFn::MulDiv3) {
            i128 factor = 0;
            const bool fits = mul_fits(number(1), number(3), factor);
            return value(0) + " × " + value(1) + " × " + value(3) + " ÷ " + value(2) + (fits ? rounded(number(0), factor, number(2)) : rounded());
        }
        if (node_.fn == HostFn::AccrualRound) return "what accrued" + (node_.inputs.size() == 2 ? " over " + value(1) + rounded(number(0), 1, number(1)) : rounded());
        std::string out = std::string(host_info(node_.fn).name);
        for (const FnWords& one : fn_words)
            if (one.fn == node_.fn) out = one.words;
        return out + " " + values(", ") + rounded();
    }

    std::string part() const {
        std::string weights;
        i128 sum = 0;
        for (std::size_t i = 1; i < node_.inputs.size(); ++i) {
            weights += (i == 1 ? "" : " : ") + value(i);
            sum += number(i);
        }
        const std::string exact = unrounded(number(0), number(node_.index + 1), sum);
        return "part " + std::to_string(node_.index + 1) + " of " + std::to_string(node_.count) + " of " + value(0) + ", split " + weights + (exact.empty() ? "" : ", unrounded " + exact) + "; " + node_.what;
    }

    std::string rounded() const { return node_.mode ? ", rounded " + std::string(listing::rounding_names[static_cast<std::size_t>(*node_.mode)]) : std::string(); }

    std::string rounded(i128 a, i128 b, i128 c) const {
        const std::string exact = unrounded(a, b, c);
        return rounded() + (exact.empty() ? "" : " from " + exact);
    }

    /// a × b ÷ c with four digits more than were kept, for money; empty where that does not fit or is not what was
    /// rounded here.
    std::string unrounded(i128 a, i128 b, i128 c) const {
        constexpr int digits = 4;
        constexpr i128 unit = 10'000;
        i128 fine = 0, exact = 0;
        if (node_.unit != NumberUnit::Money || !mul_fits(a, unit, fine) || muldiv(fine, b, c, Rounding::TowardZero, exact) != Arithmetic::Ok) return {};
        const i128 whole = exact / unit;
        if (whole != node_.value && whole + 1 != node_.value && whole - 1 != node_.value) return {};
        const bool all = muldiv(fine, b, c, Rounding::Exact, exact) == Arithmetic::Ok;
        std::string text = decimal_text(exact, exponent_ + digits);
        if (!all) return text + "…";
        for (int i = 0; i < digits && text.back() == '0'; ++i) text.pop_back();
        return text.back() == '.' ? text.substr(0, text.size() - 1) : text;
    }

    const Tracer& tracer_;
    const LineageNode& node_;
    int exponent_;
};

} // namespace

std::string words_of(const Tracer& tracer, NodeId id, int money_exponent) { return Sentence(tracer, tracer.node(id), money_exponent).text(); }

std::string value_text(const LineageNode& node, int money_exponent) {
    if (node.unit == NumberUnit::Money) return decimal_text(node.value, money_exponent);
    // Nothing says of a product of rates that it is one; numbers so round are hardly anything else.
    constexpr i128 scaled_step = 1'000'000'000'000;
    const bool scaled = node.unit == NumberUnit::Scaled || (node.unit == NumberUnit::Unknown && node.value != 0 && node.value % scaled_step == 0);
    if (!scaled) return int_text(node.value);
    std::string text = decimal_text(node.value, decimal_scale);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
}

} // namespace tally
