// Contracts with a book: entries with value dates, steps on dates, reversals, looks at other days.
#include "tests/agreement/generator.hpp"

#include <utility>

namespace tally::agreement {

std::string Generator::book_program() {
    make_types();
    line("module farm version 1;");
    line("import std.money { annuity };");
    line("import std.rate { power, root };");
    declare_types();
    line("record Row { due: Date; principal: Amount<USD>; }");
    line("error Twice(n: Int) \"booked already\";");
    has_child_ = dice_.chance(60); // the book's contract is the child
    if (has_child_) book_parent();
    book_contract();
    return out_;
}

void Generator::book_parent() {
    open("contract P {");
    line("role owner: Party;");
    line("dated base: Rate max " + std::to_string(dice_.roll(2, 8)) + ";");
    line("sum lent: Map<Int, Money<USD>, max 6>;");
    open("lifecycle {");
    line("initial S0;");
    line("S0 -> End;");
    line("final End;");
    close();
    open("create(owner: Party, b: Rate) by owner {");
    line("base.set(from: today, b);");
    line("become S0;");
    close();
    open("action reprice(wait: Int, r: Rate) by owner in S0 {");
    line("base.set(from: today + days(mod(wait, 40)), r);");
    close();
    open("action finish(sure: Int) by owner {");
    line("if sure > 95 { become End; }");
    close();
    open("view lent_to(k: Int) -> Money<USD> {");
    line("return lent[k];");
    close();
    close();
}

/// Sees the book's fields, constants and `day`; not the business date, not the contract's state.
void Generator::book_code(const std::string& amount, bool in_step) {
    static const std::vector<std::string> steps{"let q = min(part, undue); undue -= q; due += q; rows.push(Row { due: d, principal: q });",
                                                "interest_due += interest.bill(half_up);", "seen += 1;", "interest_due += interest.close(floor);", "due += undue; undue = 0.00 USD;"};
    const auto known = scope_.size();
    budget_ = 25;
    calls_allowed_ = false;
    writes_ = in_create_ = in_book_ = true;
    result_ = nullptr;
    if (in_step) {
        line(dice_.pick(steps));
        if (dice_.chance(40)) line("interest_due += interest.bill(half_even);");
    } else if (dice_.chance(60)) {
        line("pay(" + amount + ");");
    } else {
        line(dice_.chance(50) ? "undue += " + amount + ";" : "fee_due += " + amount + ";");
    }
    if (dice_.chance(60)) block(1, 1);
    writes_ = in_create_ = in_book_ = false;
    calls_allowed_ = true;
    scope_.resize(known);
}

void Generator::book_contract() {
    open(std::string("contract L") + (has_child_ ? " of P as p {" : " {"));
    in_contract_ = true;
    if (!has_child_) line("role owner: Party;");
    for (const auto* c : {"principal: Amount<USD>", "part: Amount<USD>", "dates: List<Date, max 5>"}) line(std::string("const ") + c + ";");
    line("var pot: Int = 1;");
    if (!has_child_) line("dated own: Rate max 5;");
    open("lifecycle {");
    line("initial S0;");
    line("S0 -> End;");
    line("final End;");
    close();
    if (has_child_ && dice_.chance(70)) line(std::string("adds ") + (dice_.chance(50) ? "undue + due" : "due") + " to p.lent[pot];");

    const auto known = scope_.size();
    scope_.push_back({"principal", amount_, false, false});
    scope_.push_back({"part", amount_, false, false});
    scope_.push_back({"dates", type_of(GKind::List, date_, 5), false, false});
    open("book max " + std::to_string(dice_.chance(50) ? dice_.roll(2, 8) : dice_.roll(20, 40)) + " {");
    const std::pair<const char*, const GType*> amounts[] = {{"undue", amount_}, {"due", amount_}, {"interest_due", amount_}, {"fee_due", amount_}, {"credit", amount_}, {"paid", money_}};
    in_book_ = true;
    for (const auto& [n, t] : amounts) line(std::string(n) + ": " + t->text + " = " + (n == std::string("undue") ? "principal" : "0.00 USD") + ";");
    line("rows: List<Row, max 6>;");
    line("seen: Int = 0;");
    line("margin: Rate = 1%;");
    for (i64 more = dice_.roll(0, 2); more > 0; --more) {
        const auto f = name("s");
        const GType* t = field_type();
        budget_ = 5;
        line(f + ": " + t->text + " = " + (t->collection() ? "[]" : expr(t, 1)) + ";");
        scope_.push_back({f, t, true, false});
    }
    in_book_ = false;
    for (const auto& [n, t] : amounts) scope_.push_back({n, t, true, false});
    scope_.push_back({"seen", int_, true, false});
    scope_.push_back({"margin", rate_, true, false});
    scope_.push_back({"day", date_, false, false});
    static const std::vector<std::string> bases{"undue", "undue + due", "paid", "max(0.00 USD, undue - paid)"};
    static const std::vector<std::string> rates{"rate_on(day)", "margin", "5% pa", "margin * (1 / 3)"};
    const auto& rate = dice_.pick(rates);
    const bool by_history = rate == "rate_on(day)"; // then its changes are steps
    line("accrual interest on " + dice_.pick(bases) + " at " + rate + " by " + (dice_.chance(50) ? "Act365F" : "Act360") + ";");
    const bool penalty = dice_.chance(50);
    if (penalty) line("accrual penalty on due at 18% pa by Act365F;");
    line(std::string("fn rate_on(d: Date) -> Rate { return ") + (has_child_ ? "p.base" : "own") + ".on(d) + margin; }");
    open("step fall on each d in dates {");
    scope_.push_back({"d", date_, false, false});
    book_code("", true);
    close();
    if (by_history || dice_.chance(50)) {
        open(std::string("step turn on each d in ") + (by_history || dice_.chance(60) ? has_child_ ? "p.base.changes" : "own.changes" : "dates") + " {");
        line("seen += 1;");
        book_code("", true);
        close();
    }
    scope_.pop_back();
    std::vector<bool> by_rate;
    for (i64 n = dice_.roll(1, 3), i = 0; i < n; ++i) {
        by_rate.push_back(i > 0 && dice_.chance(40));
        open("entry Entry" + std::to_string(i) + (by_rate.back() ? "(amount: Amount<USD>, r: Rate) {" : "(amount: Amount<USD>) {"));
        if (by_rate.back()) line("margin = r;");
        scope_.push_back({"amount", amount_, false, false});
        book_code("amount", false);
        scope_.pop_back();
        close();
    }
    open("fn pay(cash: Amount<USD>) {");
    if (penalty) line("fee_due += penalty.bill(half_up);");
    line("let w = waterfall(cash + credit) { fee from fee_due; interest from interest_due; principal from due; rest left; };");
    line("credit = w.left;");
    line("paid += w.fee + w.interest + w.principal;");
    close();
    close();
    book_actions(by_rate);
    in_contract_ = false;
    scope_.resize(known);
    close();
}

void Generator::book_actions(const std::vector<bool>& by_rate) {
    const std::string right = has_child_ ? "p.owner" : "owner";
    open(std::string("create(") + (has_child_ ? "serial: Int" : "owner: Party") + ", principal: Amount<USD>, part: Amount<USD>, dates: List<Date, max 5>) by " + right + " {");
    if (!has_child_) line("own.set(from: today, 4%);");
    line("become S0;");
    close();
    for (std::size_t i = 0; i < by_rate.size(); ++i) {
        const auto n = std::to_string(i);
        const auto enter = "enter Entry" + n + (by_rate[i] ? "(amount, r)" : "(amount)");
        const bool guarded = dice_.chance(60);
        open("action enter" + n + "(amount: Amount<USD>, value: Date, ref: Ref" + (by_rate[i] ? ", r: Rate" : "") + ") by " + right + " in S0" +
             (guarded ? " require not book.has(ref) else Twice(book.count)" : "") + " {");
        line(enter + " valued " + (dice_.chance(70) ? "value" : "today") + " ref ref;");
        if (dice_.chance(20)) line(enter + " valued today ref ref;");
        close();
    }
    open("action undo(ref: Ref) by " + right + " in S0 {");
    if (dice_.chance(50)) line("if not book.has(ref) { return; }");
    line("reverse ref;");
    close();
    open("action move_to(k: Int) by " + right + " in S0 {");
    line("pot = mod(k, 5);");
    close();
    if (!has_child_) {
        open("action reprice(wait: Int, r: Rate) by owner in S0 {");
        line("own.set(from: today + days(mod(wait, 40)), r);");
        close();
    }
    open("action finish(sure: Int) by " + right + " in S0 {");
    line("if sure > 95 { become End; }");
    close();
    open("view owed(on: Date, mode: Rounding) -> Money<USD> {");
    line("let b = book.at(on);");
    line("return b.undue + b.due + b.interest_due + b.fee_due - b.credit + b.interest.value(mode);");
    close();
    open("view rows_at(on: Date) -> List<Row, max 6> {");
    line("return book.at(on).rows;");
    close();
    open("view now(mode: Rounding) -> List<Money<USD>, max 8> {");
    line("return [undue, due, interest_due, fee_due, credit, paid, interest.value(mode)];");
    close();
    line("view has(ref: Ref) -> Bool { return book.has(ref); }");
    line("view date_of(ref: Ref) -> Date { return book.date_of(ref); }");
    line("view last() -> Date { return book.last; }");
    line("view counted() -> Int { return book.count * 1000 + seen; }");
}

} // namespace tally::agreement
