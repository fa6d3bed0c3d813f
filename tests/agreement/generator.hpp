/// The state of the generator, shared by its files.
#pragma once

#include "tests/agreement/dice.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tally::agreement {

enum class GKind { Bool, Int, Weight, Money, Amount, Rate, Decimal, Fraction, Date, Days, Text, Bytes, Rounding, Enum, Record, Optional, List, Set, Map, Carry };

struct GType {
    GKind kind = GKind::Int;
    std::string text; ///< as it is written
    const GType* element = nullptr;
    const GType* key = nullptr;
    int max = 0;
    struct Field {
        std::string name;
        const GType* type;
        bool has_default = false;
    };
    std::vector<Field> fields;      ///< Record
    std::vector<std::string> cases; ///< Enum
    std::vector<std::vector<Field>> payloads; ///< Enum: of each case
    bool is_key = true;             ///< Enum, Record: every field can be part of a key
    [[nodiscard]] bool is(GKind k) const { return kind == k; }
    [[nodiscard]] bool money() const { return kind == GKind::Money || kind == GKind::Amount; }
    [[nodiscard]] bool integer() const { return kind == GKind::Int || kind == GKind::Weight; }
    [[nodiscard]] bool collection() const { return kind == GKind::List || kind == GKind::Set || kind == GKind::Map; }
};

/// A name of a value and what may be done with it.
struct GName {
    std::string name;
    const GType* type = nullptr;
    bool changes = false; ///< it may be assigned
    bool by_key = false;  ///< a field too large for the record: only its elements
    bool grows = false;   ///< a log, a sum: by forms of its own only
};

/// A `dated` or a `sum` field.
struct GHistory {
    std::string name;
    const GType* type = nullptr; ///< of its values
};

struct GFn {
    std::string name;
    std::vector<const GType*> params;
    const GType* result = nullptr;
    bool writes = false; ///< it changes fields
};

class Generator {
public:
    /// Names are pointed at while others come and go behind them: the scope never moves.
    explicit Generator(u64 seed) : dice_(seed) { scope_.reserve(names_max); }
    std::string program();

private:
    static constexpr std::size_t names_max = 4096;
    // ---- generate.cpp: declarations
    const GType* type(GKind kind, const std::string& text);
    const GType* type_of(GKind kind, const GType* element, int max, const GType* key = nullptr);
    const GType* optional(const GType* element);
    const GType* any_type(int depth);
    const GType* field_type();
    static i64 bytes_of(const GType* t);
    const GType* scalar_type();
    const GType* key_type();
    void make_types();
    void declare_types();
    void declare_fns();
    void declare_enum();
    void declare_record(const std::string& word, bool keys_only, std::vector<const GType*>& into);
    /// Bytes have no literal: only who calls from outside can give some.
    std::string parameters(int count, std::vector<const GType*>& types, bool outside = false);
    void fn(const std::string& prefix, bool inside, bool writes);
    void contract();
    void fields();
    void lifecycle_actions();
    void action(int number);
    void view(int number);
    void vaults();
    void vault_actions();
    void accrual_members();
    void visitor();
    void child();
    void growing_members();
    void circle_members();
    std::string right();
    void call_peer(const std::string& peer, const GFn& f);
    std::string data_inits();
    std::string name(const std::string& prefix) { return prefix + std::to_string(++names_); }
    void line(const std::string& text);
    void open(const std::string& text);
    void close(const std::string& text = "}");

    // ---- generate_expressions.cpp
    /// `typed`: the place tells the type, so that a literal without one may stand there.
    std::string expr(const GType* t, int depth, bool typed = true);
    std::string leaf(const GType* t, bool typed);
    std::string literal(const GType* t);
    std::string int_literal();
    std::string int_edge();
    std::string money_literal();
    std::string date_literal();
    std::string text_literal(const GType* t);
    std::string compound_literal(const GType* t, int depth);
    std::string operation(const GType* t, int depth, bool typed);
    std::string bool_operation(int depth);
    std::string int_operation(int depth);
    std::string money_operation(int depth);
    std::string exact(int depth);
    std::string rate_operation(int depth);
    std::string date_operation(int depth);
    std::string days_operation(int depth);
    std::string collected(const GType* t, int depth);
    std::string fold(const GType* t, int depth);
    std::string call_of(const GType* t, int depth);
    std::string from_parts(const GType* t, int depth);
    std::string index_of(const GName& list);
    std::string key_of(const GName& table, int depth);
    const GName* some_name(const GType* t);
    const GName* some_collection(GKind kind, bool whole);
    /// A collection to go through, its pattern put into scope; nothing when there is none.
    bool going_through(std::string& pattern, std::string& over);
    template <typename Test> const GName* name_where(Test test);

    // ---- generate_forms.cpp
    std::string case_literal(const GType* t, int depth);
    std::string decimal_operation(int depth);
    std::string exact_number();
    std::string exact_sum();
    std::string fraction_operation(int depth);
    std::string set_operation(const GType* t, int depth);
    std::string map_operation(const GType* t, int depth);
    std::string record_operation(const GType* t, int depth);
    std::string filled_list(const GType* t, int depth);
    std::string shares(const GType* t, int depth);
    std::string latest(const GType* t, int depth);
    std::string second_pass();
    void match_enum(int depth);
    void match_optional(int depth);
    void let_fields(int depth);
    void grow(int depth);
    void drain(int depth);
    void through_history(int depth);

    // ---- generate_book.cpp
    std::string book_program();
    void book_contract();
    void book_parent();
    void book_code(const std::string& amount, bool in_step);
    void book_actions(const std::vector<bool>& by_rate);

    // ---- generate_statements.cpp
    void block(int statements, int depth);
    void statement(int depth);
    void let(int depth);
    void assignment(int depth);
    void compound(int depth);
    void if_statement(int depth);
    void for_statement(int depth);
    void match_statement(int depth);
    void change_collection(int depth);
    void change_part(int depth);
    void waterfall(int depth);
    void say();
    void fail();
    void become();
    void early_end();
    void call_for_effect(int depth);
    void accrual_statement();
    [[nodiscard]] std::string inits(const GType* record, int depth);

    Dice dice_;
    std::string out_;
    int indent_ = 0, names_ = 0, loops_ = 0, budget_ = 0;
    std::vector<std::unique_ptr<GType>> types_;
    const GType *bool_ = nullptr, *int_ = nullptr, *weight_ = nullptr, *money_ = nullptr, *amount_ = nullptr, *rate_ = nullptr, *fraction_ = nullptr,
                *date_ = nullptr, *days_ = nullptr, *rounding_ = nullptr, *decimal_ = nullptr, *bytes_ = nullptr;
    std::vector<const GType*> texts_, enums_, records_, plain_records_, events_, errors_;
    std::string currency_ = "USD";
    int decimals_ = 2;
    bool generic_ = false;       ///< the contract's currency is a parameter
    std::vector<GName> scope_;   ///< consts, parameters, locals; inside a contract its fields too
    std::vector<GFn> fns_;
    const GType* result_ = nullptr; ///< of the function being written
    bool in_contract_ = false, writes_ = false, acts_ = false, money_allowed_ = true, calls_allowed_ = true, in_create_ = false, self_edge_ = false, only_s1_ = false;
    std::vector<GName> data_;
    bool has_accrual_ = false, has_vaults_ = false, has_child_ = false;
    std::vector<GHistory> histories_, sums_;
    std::vector<std::string> logs_;
    bool in_drain_ = false, has_circle_ = false, in_book_ = false;
    std::vector<GFn> open_actions_; ///< by anyone: a visitor may call them
    std::vector<GFn> views_;
};

template <typename Test> const GName* Generator::name_where(Test test) {
    std::vector<const GName*> found;
    for (const auto& n : scope_)
        if (test(n)) found.push_back(&n);
    return found.empty() ? nullptr : dice_.pick(found);
}

} // namespace tally::agreement
