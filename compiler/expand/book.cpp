#include "compiler/expand/book.hpp"

#include "compiler/expand/place.hpp"
#include "compiler/parse/parse.hpp"

#include <iterator>

namespace tally {
namespace {

using namespace syntax;

// ---- the template --------------------------------------------------------------------------------------------

class BookText {
public:
    BookText(const Contract& contract, const Book& book) : contract_(contract), book_(book) {}

    [[nodiscard]] std::string file() const {
        return "module book version 1;\n" + records() + "contract " + contract_.name.text + generics() + " {\n" + fields() + play() + apply() + entries() + looks() +
               "}\n";
    }
    /// Of this contract's own: `book__Loan__Row`.
    [[nodiscard]] std::string own(const char* what) const { return "book__" + contract_.name.text + "__" + what; }

private:
    [[nodiscard]] std::string generics() const { return contract_.type_params.empty() ? "" : "<" + contract_.type_params[0].text + ">"; }
    [[nodiscard]] std::string steps() const { return std::to_string(book_.steps.size()); }

    [[nodiscard]] std::string records() const {
        return "record " + own("Key") + " { date: Date; phase: Int; index: Int; }\n" +
               "record " + own("Row") + generics() + " { value: Date; ref: Ref; live: Bool; entry: " + own("Entry") + "; }\n";
    }
    [[nodiscard]] std::string fields() const {
        return "var book__rows: List<" + own("Row") + generics() + ", max " + std::to_string(book_.max) + "> = [];\n" +
               "var book__opened: Date = today;\n"
               "var book__day: Date = today;\n";
    }
    /// Steps with `after` < date <= to and, on a replay, the live entries, in the order of dates; on one
    /// date steps in source order, then entries in the order in which they were booked.
    [[nodiscard]] std::string play() const {
        std::string out = "fn book__play(after: Date, to: Date, replay: Bool) {\nvar agenda: book__Agenda = [];\n";
        for (std::size_t i = 0; i < book_.steps.size(); ++i)
            out += "for d in book__dates { if d > after and d <= to { agenda[" + own("Key") + " { date: d, phase: " + std::to_string(i) + ", index: 0 }] = true; } }\n";
        out += "if replay { for (i, r) in book__rows { if r.live and r.value <= to { agenda[" + own("Key") + " { date: r.value, phase: " + steps() + ", index: i }] = true; } } }\n";
        out += "for (k, x) in agenda {\nbook__to(k.date);\n";
        for (std::size_t i = 0; i < book_.steps.size(); ++i)
            out += "if k.phase == " + std::to_string(i) + " { book__step__" + book_.steps[i].name.text + "(k.date); }\n";
        return out + "if k.phase == " + steps() + " { book__apply(k.index); }\n}\nbook__to(to);\n}\n";
    }
    [[nodiscard]] std::string apply() const {
        std::string out = "fn book__apply(index: Int) {\nlet row = book__rows[index];\nmatch row.entry {\n";
        for (const auto& entry : book_.entries) {
            std::string names;
            for (const auto& p : entry.params) names += (names.empty() ? "" : ", ") + p.name.text;
            out += entry.name.text + (names.empty() ? "" : "(" + names + ")") + " => { book__entry__" + entry.name.text + "(" + names + "); }\n";
        }
        return out + "}\n}\n";
    }
    /// A late entry and a reversal play everything again from the opening day.
    [[nodiscard]] std::string entries() const {
        return "fn book__again(to: Date) { book__day = book__opened; book__first(); book__play(book__opened, to, true); }\n"
               "fn book__advance() { if book__day < today { book__play(book__day, today, false); } }\n"
               "fn book__enter(value: Date, ref: Ref, entry: " + own("Entry") + ") {\n"
               "book__demand(value >= book__opened and value <= today);\n"
               "book__rows.push(" + own("Row") + " { value: value, ref: ref, live: true, entry: entry });\n"
               "if value == book__day { book__apply(book__rows.count - 1); } else { book__again(today); }\n}\n"
               "fn book__find(ref: Ref) -> Int { var at = -1; for (i, r) in book__rows { if r.live and r.ref == ref { at = i; } } return at; }\n"
               "fn book__has(ref: Ref) -> Bool { return book__find(ref) >= 0; }\n"
               "fn book__date_of(ref: Ref) -> Date { return book__rows[book__find(ref)].value; }\n"
               "fn book__reverse(ref: Ref) {\nlet at = book__find(ref);\nvar row = book__rows[at];\nrow.live = false;\nbook__rows[at] = row;\nbook__again(today);\n}\n";
    }
    /// `to`: accruals up to the day, at what they were until then; then it is that day.
    [[nodiscard]] std::string looks() const {
        std::string to, first, state, back;
        for (const auto& a : book_.accruals) {
            to += "book__accrue(" + a.name.text + ", date); ";
            first += "book__clear(" + a.name.text + "); ";
            state += a.name.text + ": book__save(" + a.name.text + "), ";
            back += "book__load(" + a.name.text + ", was." + a.name.text + "); ";
        }
        for (const auto& f : book_.fields) {
            state += f.name.text + ": " + f.name.text + ", ";
            back += f.name.text + " = was." + f.name.text + "; ";
        }
        return "fn book__to(date: Date) { " + to + "book__day = date; }\n" + "fn book__first() { " + first + "}\n" +
               "fn book__state() -> " + own("State") + generics() + " { return " + own("State") + " { " + state + "}; }\n" +
               "fn book__at(date: Date) -> " + own("State") + generics() + " {\nlet was = book__state();\nlet was_day = book__day;\n"
               "if date > book__day { book__play(book__day, date, false); } else if date < book__day { book__demand(date >= book__opened); book__again(date); }\n"
               "let out = book__state();\n" + back + "book__day = was_day;\nreturn out;\n}\n";
    }

    const Contract& contract_;
    const Book& book_;
};

// ---- moving what was written into the template -----------------------------------------------------------------

template <typename T> void append(std::vector<T>& to, std::vector<T>& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

Fn* find_fn(Contract& contract, const std::string& name) {
    for (auto& f : contract.fns)
        if (f.name.text == name) return &f;
    return nullptr;
}

StmtPtr assignment(const Name& field, ExprPtr value) {
    auto out = std::make_unique<Stmt>();
    out->kind = StmtKind::Assign;
    out->text = "=";
    out->span = out->text_span = field.span;
    out->target = std::make_unique<Expr>();
    out->target->kind = ExprKind::Name;
    out->target->span = field.span;
    out->target->text = field.text;
    out->expr = std::move(value);
    return out;
}

/// What a field of the book starts with when nothing is said: an empty collection.
ExprPtr first_value(Field& f, Sink& sink) {
    if (f.init) return std::move(f.init);
    const auto& type = f.type.name;
    if (type != "List" && type != "Set" && type != "Map" && type != "Carry") sink.report(Diag::MissingField, f.name.span, {"book", f.name.text});
    auto out = std::make_unique<Expr>();
    out->kind = ExprKind::List;
    out->span = f.name.span;
    return out;
}

class Expansion {
public:
    Expansion(File& file, Contract& contract, Sources& sources, Sink& sink)
        : file_(file), contract_(contract), book_(*contract.book), sources_(sources), sink_(sink) {}

    void run() {
        if (book_.max == 0 || book_.max > 65536) return sink_.report(Diag::MaxTooLarge, book_.span, {"65536"}), void();
        if (book_.entries.empty()) return sink_.report(Diag::MissingField, book_.span, {"book", "entry"}), void();
        const BookText text(contract_, book_);
        const auto number = sources_.add("the book of " + contract_.name.text, text.file(), true);
        auto made = parse(sources_, number, sink_);
        if (!made) return;
        auto& from = made->contracts[0];
        for (auto& f : from.fns) settle(f);
        for (auto& m : from.members) {
            place(m.field, book_.span);
            contract_.members.push_back(std::move(m));
        }
        for (auto& r : made->records) {
            r.name.span = book_.span;
            for (auto& f : r.fields) place(f, book_.span);
            file_.records.push_back(std::move(r));
        }
        file_.records.push_back(state_record(text));
        file_.enums.push_back(entry_enum(text));
        put_dates(*find_fn(from, "book__play"));
        auto& first = *find_fn(from, "book__first");
        for (auto& f : book_.fields) first.body.push_back(assignment(f.name, first_value(f, sink_)));
        append(contract_.fns, from.fns);
        for (auto& f : book_.fns) {
            f.in_book = true;
            contract_.fns.push_back(std::move(f));
        }
        move_code();
        for (auto& f : book_.fields) contract_.members.push_back({MemberKind::Book, std::move(f), 0});
        for (auto& a : book_.accruals) {
            a.in_book = true;
            contract_.accruals.push_back(std::move(a));
        }
    }

private:
    void settle(Fn& f) const {
        place(f, book_.span);
        f.in_book = f.of_template = true;
    }

    /// The dates of each step stand where the template holds their place.
    void put_dates(Fn& play) {
        std::size_t step = 0;
        for (auto& s : play.body)
            if (s->kind == StmtKind::For && s->expr->kind == ExprKind::Name && s->expr->text == "book__dates") {
                s->expr = std::move(book_.steps[step++].dates);
                contract_.step_dates.push_back(s->expr.get());
            }
    }

    void move_code() {
        for (auto& s : book_.steps) {
            Fn f;
            f.name = {"book__step__" + s.name.text, s.name.span};
            f.span = s.name.span;
            f.in_book = true;
            f.params.push_back({s.each, Type{s.each.span, "Date", {}, std::nullopt, false}, nullptr, ""});
            f.body = std::move(s.body);
            contract_.fns.push_back(std::move(f));
        }
        for (auto& e : book_.entries) {
            Fn f;
            f.name = {"book__entry__" + e.name.text, e.name.span};
            f.span = e.name.span;
            f.in_book = true;
            f.params = std::move(e.params);
            f.body = std::move(e.body);
            contract_.fns.push_back(std::move(f));
        }
    }

    [[nodiscard]] Record state_record(const BookText& text) const {
        Record out;
        out.name = {text.own("State"), book_.span};
        out.type_params = contract_.type_params;
        for (const auto& a : book_.accruals) out.fields.push_back({a.name, Type{book_.span, "book__Accrued", {}, std::nullopt, false}, nullptr, ""});
        for (const auto& f : book_.fields) out.fields.push_back({f.name, f.type, nullptr, ""});
        return out;
    }

    [[nodiscard]] Enum entry_enum(const BookText& text) const {
        Enum out;
        out.name = {text.own("Entry"), book_.span};
        out.type_params = contract_.type_params;
        for (const auto& e : book_.entries) {
            out.cases.push_back(e.name);
            std::vector<Field> fields;
            for (const auto& p : e.params) fields.push_back({p.name, p.type, nullptr, ""});
            out.payloads.push_back(std::move(fields));
        }
        return out;
    }

    File& file_;
    Contract& contract_;
    Book& book_;
    Sources& sources_;
    Sink& sink_;
};

} // namespace

void expand_books(File& file, Sources& sources, Sink& sink) {
    for (std::size_t i = 0; i < file.contracts.size(); ++i)
        if (file.contracts[i].book) Expansion(file, file.contracts[i], sources, sink).run();
}

} // namespace tally
