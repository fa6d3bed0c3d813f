// Every operation on integers of every kind of width, against arithmetic on 128 bits written down here. A value
// of N bits has zeros beyond them, as parameter and as result.
#include "tests/unit/compiler/plain_kit.hpp"

#include <functional>
#include <map>

namespace {

using namespace tally;
using plain_kit::Running;

constexpr unsigned widths[] = {1, 2, 7, 8, 16, 24, 32, 33, 40, 63, 64, 65, 72, 112, 127, 128};

u128 mask_of(unsigned bits) { return bits == 128 ? ~u128{0} : (u128{1} << bits) - 1; }
i128 with_sign(u128 v, unsigned bits) { return static_cast<i128>(v << (128 - bits)) >> (128 - bits); }
i128 least(unsigned bits) { return with_sign(u128{1} << (bits - 1), bits); }
i128 most(unsigned bits) { return static_cast<i128>(mask_of(bits) >> 1); }

/// Both ends, both middles, and something without a pattern. Few: a run begins with clean registers for the deepest
/// recursion there may be, which takes longer than the operation.
std::vector<u128> samples(unsigned bits) {
    const u128 mask = mask_of(bits);
    std::vector<u128> out;
    for (const u128 v : {u128{0}, u128{1}, mask, mask >> 1, (mask >> 1) + 1, (u128{0x0123456789abcdef} << 64 | 0xfedcba9876543213)})
        out.push_back(v & mask);
    return out;
}

Arguments arguments_of(const std::vector<u128>& values, unsigned bits) {
    Arguments out;
    for (const u128 v : values) {
        if (bits > 64) out.w.push_back(static_cast<i128>(v));
        else out.x.push_back(static_cast<u64>(v));
    }
    return out;
}

u128 result_of(const Outcome& outcome, unsigned bits) { return bits > 64 ? static_cast<u128>(outcome.w) : u128{outcome.x}; }

std::string type(unsigned bits) { return "i" + std::to_string(bits); }

/// An operation of two values, its text and what it gives.
struct Operation {
    std::string name, body; ///< {} stands for the type
    std::function<u128(u128, u128, unsigned)> is;
    std::function<bool(u128, u128, unsigned)> has_result = [](u128, u128, unsigned) { return true; };
    unsigned result_bits = 0; ///< 0: as the operands
};

std::string filled(std::string text, const std::string& with) {
    for (std::size_t at = 0; (at = text.find("{}", at)) != std::string::npos; at += with.size()) text.replace(at, 2, with);
    return text;
}

bool divides(u128, u128 b, unsigned) { return b != 0; }
bool divides_signed(u128 a, u128 b, unsigned bits) { return b != 0 && !(with_sign(a, bits) == least(bits) && with_sign(b, bits) == -1); }
bool shifts(u128, u128 b, unsigned bits) { return b < bits; }

std::vector<Operation> plain_operations() {
    std::vector<Operation> out;
    const auto add = [&](const std::string& name, auto is, auto has_result) { out.push_back({name, "%r = " + name + " {} %a, %b", is, has_result}); };
    const auto always = [](u128, u128, unsigned) { return true; };
    add("add", [](u128 a, u128 b, unsigned) { return a + b; }, always);
    add("sub", [](u128 a, u128 b, unsigned) { return a - b; }, always);
    add("mul", [](u128 a, u128 b, unsigned) { return a * b; }, always);
    add("and", [](u128 a, u128 b, unsigned) { return a & b; }, always);
    add("or", [](u128 a, u128 b, unsigned) { return a | b; }, always);
    add("xor", [](u128 a, u128 b, unsigned) { return a ^ b; }, always);
    add("udiv", [](u128 a, u128 b, unsigned) { return a / b; }, divides);
    add("urem", [](u128 a, u128 b, unsigned) { return a % b; }, divides);
    add("sdiv", [](u128 a, u128 b, unsigned n) { return static_cast<u128>(with_sign(a, n) / with_sign(b, n)); }, divides_signed);
    add("srem", [](u128 a, u128 b, unsigned n) { return static_cast<u128>(with_sign(a, n) % with_sign(b, n)); }, divides_signed);
    add("shl", [](u128 a, u128 b, unsigned) { return a << b; }, shifts);
    add("lshr", [](u128 a, u128 b, unsigned) { return a >> b; }, shifts);
    add("ashr", [](u128 a, u128 b, unsigned n) { return static_cast<u128>(with_sign(a, n) >> b); }, shifts);
    return out;
}

std::vector<Operation> comparisons() {
    std::vector<Operation> out;
    const auto add = [&](const std::string& how, auto is) { out.push_back({"icmp_" + how, "%r = icmp " + how + " {} %a, %b", is, [](u128, u128, unsigned) { return true; }, 1}); };
    add("eq", [](u128 a, u128 b, unsigned) -> u128 { return a == b; });
    add("ne", [](u128 a, u128 b, unsigned) -> u128 { return a != b; });
    add("ult", [](u128 a, u128 b, unsigned) -> u128 { return a < b; });
    add("ule", [](u128 a, u128 b, unsigned) -> u128 { return a <= b; });
    add("ugt", [](u128 a, u128 b, unsigned) -> u128 { return a > b; });
    add("uge", [](u128 a, u128 b, unsigned) -> u128 { return a >= b; });
    add("slt", [](u128 a, u128 b, unsigned n) -> u128 { return with_sign(a, n) < with_sign(b, n); });
    add("sle", [](u128 a, u128 b, unsigned n) -> u128 { return with_sign(a, n) <= with_sign(b, n); });
    add("sgt", [](u128 a, u128 b, unsigned n) -> u128 { return with_sign(a, n) > with_sign(b, n); });
    add("sge", [](u128 a, u128 b, unsigned n) -> u128 { return with_sign(a, n) >= with_sign(b, n); });
    return out;
}

/// The exact result, if it fits 128 bits with a sign, and whether it fits N.
struct Exact {
    bool fits;
    u128 wrapped;
};
Exact signed_exact(char op, u128 a, u128 b, unsigned n) {
    i128 out = 0;
    const i128 x = with_sign(a, n), y = with_sign(b, n);
    const bool over = op == '+' ? __builtin_add_overflow(x, y, &out) : op == '-' ? __builtin_sub_overflow(x, y, &out) : __builtin_mul_overflow(x, y, &out);
    return {!over && out >= least(n) && out <= most(n), static_cast<u128>(out)};
}
Exact unsigned_exact(char op, u128 a, u128 b, unsigned n) {
    u128 out = 0;
    const bool over = op == '+' ? __builtin_add_overflow(a, b, &out) : op == '-' ? __builtin_sub_overflow(a, b, &out) : __builtin_mul_overflow(a, b, &out);
    return {!over && out <= mask_of(n), out};
}

std::vector<Operation> checked_operations() {
    std::vector<Operation> out;
    const auto always = [](u128, u128, unsigned) { return true; };
    for (const auto& [name, kind, with_signs] : {std::tuple{"sadd", '+', true}, {"uadd", '+', false}, {"ssub", '-', true}, {"usub", '-', false}, {"smul", '*', true}, {"umul", '*', false}}) {
        const std::string call = "%p = call { {}, i1 } @llvm." + std::string(name) + ".with.overflow.{}({} %a, {} %b)\n  %r = extractvalue { {}, i1 } %p, ";
        const auto exact = [op = kind, sign = with_signs](u128 a, u128 b, unsigned n) { return sign ? signed_exact(op, a, b, n) : unsigned_exact(op, a, b, n); };
        out.push_back({std::string(name) + "_value", call + "0", [exact](u128 a, u128 b, unsigned n) { return exact(a, b, n).wrapped; }, always});
        out.push_back({std::string(name) + "_over", call + "1", [exact](u128 a, u128 b, unsigned n) -> u128 { return !exact(a, b, n).fits; }, always, 1});
        if (kind == '*') continue;
        const auto nearest = [exact, op = kind, sign = with_signs](u128 a, u128 b, unsigned n) {
            const auto is = exact(a, b, n);
            if (is.fits) return is.wrapped;
            if (!sign) return op == '+' ? mask_of(n) : u128{0};
            return static_cast<u128>(with_sign(a, n) < 0 ? least(n) : most(n));
        };
        out.push_back({std::string(name) + "_sat", "%r = call {} @llvm." + std::string(name) + ".sat.{}({} %a, {} %b)", nearest, always});
    }
    return out;
}

u128 bits_of(u128 v, unsigned n, const std::function<unsigned(unsigned)>& from) {
    u128 out = 0;
    for (unsigned i = 0; i < n; ++i) out |= (v >> from(i) & 1) << i;
    return out;
}

std::vector<Operation> bit_operations() {
    std::vector<Operation> out;
    const auto always = [](u128, u128, unsigned) { return true; };
    const auto one = [&](const std::string& name, const std::string& rest, auto is, auto has_result) {
        out.push_back({name, "%r = call {} @llvm." + name + ".{}({} %a" + rest + ")", is, has_result});
    };
    one("ctlz", ", i1 false", [](u128 a, u128, unsigned n) { unsigned k = 0; while (k < n && (a >> (n - 1 - k) & 1) == 0) ++k; return u128{k}; }, always);
    one("cttz", ", i1 false", [](u128 a, u128, unsigned n) { unsigned k = 0; while (k < n && (a >> k & 1) == 0) ++k; return u128{k}; }, always);
    one("ctpop", "", [](u128 a, u128, unsigned n) { unsigned k = 0; for (unsigned i = 0; i < n; ++i) k += a >> i & 1 ? 1 : 0; return u128{k}; }, always);
    one("bitreverse", "", [](u128 a, u128, unsigned n) { return bits_of(a, n, [n](unsigned i) { return n - 1 - i; }); }, always);
    one("bswap", "", [](u128 a, u128, unsigned n) { return bits_of(a, n, [n](unsigned i) { return n - 8 - i / 8 * 8 + i % 8; }); }, [](u128, u128, unsigned n) { return n % 16 == 0; });
    one("abs", ", i1 false", [](u128 a, u128, unsigned n) { return with_sign(a, n) < 0 ? u128{0} - a : a; }, always);
    const auto two = [&](const std::string& name, auto is) { one(name, ", {} %b", is, always); };
    two("smin", [](u128 a, u128 b, unsigned n) { return with_sign(a, n) < with_sign(b, n) ? a : b; });
    two("smax", [](u128 a, u128 b, unsigned n) { return with_sign(a, n) > with_sign(b, n) ? a : b; });
    two("umin", [](u128 a, u128 b, unsigned) { return a < b ? a : b; });
    two("umax", [](u128 a, u128 b, unsigned) { return a > b ? a : b; });
    // Of a and ~a side by side, by b.
    const std::string funnel = "%o = xor {} %a, -1\n  ";
    out.push_back({"fshl", funnel + "%r = call {} @llvm.fshl.{}({} %a, {} %o, {} %b)",
                   [](u128 a, u128 b, unsigned n) { const auto s = static_cast<unsigned>(b % n); return s == 0 ? a : a << s | (~a & mask_of(n)) >> (n - s); }, always});
    out.push_back({"fshr", funnel + "%r = call {} @llvm.fshr.{}({} %a, {} %o, {} %b)",
                   [](u128 a, u128 b, unsigned n) { const auto s = static_cast<unsigned>(b % n); return s == 0 ? ~a & mask_of(n) : a << (n - s) | (~a & mask_of(n)) >> s; }, always});
    for (const bool sign : {false, true}) {
        const std::string name = sign ? "scmp" : "ucmp";
        out.push_back({name, "%r = call i8 @llvm." + name + ".i8.{}({} %a, {} %b)", [sign](u128 a, u128 b, unsigned n) {
                           const bool less = sign ? with_sign(a, n) < with_sign(b, n) : a < b;
                           return less ? u128{0xff} : a == b ? u128{0} : u128{1};
                       }, always, 8});
    }
    return out;
}

/// Stored and loaded again at an odd place, between bytes that must stay what they are.
Operation through_memory() {
    return {"memory", "%m = alloca [40 x i8]\n  call void @llvm.memset.p0.i64(ptr %m, i8 -86, i64 40, i1 false)\n  %at = getelementptr i8, ptr %m, i64 3\n  store {} %a, ptr %at\n"
                      "  %end = getelementptr {}, ptr %at, i64 0\n  %before = getelementptr i8, ptr %m, i64 2\n  %x = load i8, ptr %before\n  %good = icmp eq i8 %x, -86\n"
                      "  %v = load {}, ptr %at\n  %r = select i1 %good, {} %v, {} 0",
            [](u128 a, u128, unsigned) { return a; }, [](u128, u128, unsigned) { return true; }};
}

bool fits(const Operation& o, unsigned bits) { return o.name != "bswap" || bits % 16 == 0; }

void check_all(std::vector<Operation> operations) {
    for (const unsigned bits : widths) {
        std::string ir = plain_kit::layout;
        for (const auto& o : operations) {
            if (!fits(o, bits)) continue;
            const auto result = type(o.result_bits == 0 ? bits : o.result_bits);
            ir += "define " + result + " @" + o.name + "(" + filled("{} %a, {} %b", type(bits)) + ") {\n  " + filled(o.body, type(bits)) + "\n  ret " + result + " %r\n}\n";
        }
        Running running(ir);
        for (const auto& o : operations) {
            if (!fits(o, bits)) continue;
            const unsigned result_bits = o.result_bits == 0 ? bits : o.result_bits;
            for (const u128 a : samples(bits))
                for (const u128 b : samples(bits)) {
                    if (!o.has_result(a, b, bits)) continue;
                    const Outcome outcome = running.call(o.name, arguments_of({a, b}, bits));
                    INFO(o.name << " of i" << bits << ": " << static_cast<u64>(a >> 64) << ":" << static_cast<u64>(a) << ", " << static_cast<u64>(b >> 64) << ":" << static_cast<u64>(b));
                    REQUIRE(outcome.trap == Trap::None);
                    REQUIRE(result_of(outcome, result_bits) == (o.is(a, b, bits) & mask_of(result_bits)));
                }
        }
    }
}

} // namespace

TEST_CASE("arithmetic of every width") { check_all(plain_operations()); }
TEST_CASE("comparisons of every width") { check_all(comparisons()); }
TEST_CASE("sums and products that say whether they fit, and those that stop at the end, of every width") { check_all(checked_operations()); }
TEST_CASE("bits of every width") { check_all(bit_operations()); }
TEST_CASE("numbers of every width in memory") { check_all({through_memory()}); }

TEST_CASE("every width from every other one") {
    for (const unsigned from : widths) {
        std::string ir = plain_kit::layout;
        const auto add = [&](const std::string& cast, unsigned to) {
            ir += "define " + type(to) + " @" + cast + std::to_string(to) + "(" + type(from) + " %a) {\n  %r = " + cast + " " + type(from) + " %a to " + type(to) + "\n  ret " + type(to) + " %r\n}\n";
        };
        for (const unsigned to : widths) {
            if (to < from) add("trunc", to);
            if (to > from) add("zext", to), add("sext", to);
        }
        Running running(ir);
        for (const unsigned to : widths)
            for (const u128 a : samples(from)) {
                INFO("i" << from << " to i" << to << ": " << static_cast<u64>(a >> 64) << ":" << static_cast<u64>(a));
                const auto is = [&](const std::string& cast) { return result_of(running.call(cast + std::to_string(to), arguments_of({a}, from)), to); };
                if (to < from) REQUIRE(is("trunc") == (a & mask_of(to)));
                if (to > from) REQUIRE(is("zext") == a);
                if (to > from) REQUIRE(is("sext") == (static_cast<u128>(with_sign(a, from)) & mask_of(to)));
            }
    }
}
