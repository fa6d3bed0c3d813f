#include "runtime/json_reader.hpp"

namespace tally {
namespace {

constexpr int depth_max = 64; ///< objects and arrays inside each other

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    std::optional<Json> document() {
        Json out;
        if (!value(out, 0)) return std::nullopt;
        skip_space();
        if (at_ != text_.size()) return std::nullopt;
        return out;
    }

private:
    [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    void skip_space() {
        while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t')
            ++at_;
    }

    bool take(char c) {
        skip_space();
        if (peek() != c || at_ == text_.size()) return false;
        ++at_;
        return true;
    }

    bool word(std::string_view name, Json::Kind kind, Json& out) {
        if (text_.substr(at_, name.size()) != name) return false;
        at_ += name.size();
        out.kind = kind;
        out.text = name;
        return true;
    }

    bool value(Json& out, int depth) {
        skip_space();
        switch (peek()) {
        case '{': return depth < depth_max && object(out, depth);
        case '[': return depth < depth_max && array(out, depth);
        case '"': out.kind = Json::Kind::Text; return string(out.text);
        case 't': return word("true", Json::Kind::Bool, out);
        case 'f': return word("false", Json::Kind::Bool, out);
        case 'n': return word("null", Json::Kind::Null, out);
        default: return number(out);
        }
    }

    bool object(Json& out, int depth) {
        out.kind = Json::Kind::Object;
        ++at_;
        if (take('}')) return true;
        do {
            std::string name;
            Json member;
            skip_space();
            if (!string(name) || !take(':') || !value(member, depth + 1)) return false;
            if (out.member(name) != nullptr) return false;
            out.names.push_back(std::move(name));
            out.items.push_back(std::move(member));
        } while (take(','));
        return take('}');
    }

    bool array(Json& out, int depth) {
        out.kind = Json::Kind::Array;
        ++at_;
        if (take(']')) return true;
        do {
            if (!value(out.items.emplace_back(), depth + 1)) return false;
        } while (take(','));
        return take(']');
    }

    std::size_t digits() {
        const std::size_t start = at_;
        while (is_digit(peek()))
            ++at_;
        return at_ - start;
    }

    /// No exponent: people who write money do not.
    bool number(Json& out) {
        const std::size_t start = at_;
        if (peek() == '-') ++at_;
        const bool zero = peek() == '0';
        const std::size_t whole = digits();
        if (whole == 0 || (zero && whole > 1)) return false;
        if (peek() == '.') {
            ++at_;
            if (digits() == 0) return false;
        }
        if (peek() == 'e' || peek() == 'E') {
            ++at_;
            if (peek() == '+' || peek() == '-') ++at_;
            if (digits() == 0) return false;
        }
        out.kind = Json::Kind::Number;
        out.text = text_.substr(start, at_ - start);
        return true;
    }

    bool string(std::string& out) {
        if (peek() != '"') return false;
        for (++at_; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '"') {
                ++at_;
                return true;
            }
            if (static_cast<unsigned char>(c) < 0x20) return false;
            if (c != '\\')
                out += c;
            else if (!escape(out))
                return false;
        }
        return false;
    }

    bool escape(std::string& out) {
        ++at_;
        switch (peek()) {
        case '"': out += '"'; return true;
        case '\\': out += '\\'; return true;
        case '/': out += '/'; return true;
        case 'b': out += '\b'; return true;
        case 'f': out += '\f'; return true;
        case 'n': out += '\n'; return true;
        case 'r': out += '\r'; return true;
        case 't': out += '\t'; return true;
        case 'u': return unicode(out);
        default: return false;
        }
    }

    bool four_digits(unsigned& out) {
        out = 0;
        for (int i = 0; i < 4; ++i) {
            ++at_;
            const char c = peek();
            unsigned digit = 0;
            if (is_digit(c))
                digit = static_cast<unsigned>(c - '0');
            else if (c >= 'a' && c <= 'f')
                digit = static_cast<unsigned>(c - 'a') + 10;
            else if (c >= 'A' && c <= 'F')
                digit = static_cast<unsigned>(c - 'A') + 10;
            else
                return false;
            out = out * 16 + digit;
        }
        return true;
    }

    bool unicode(std::string& out) {
        unsigned code = 0;
        if (!four_digits(code)) return false;
        if (code >= 0xdc00 && code < 0xe000) return false;
        if (code >= 0xd800 && code < 0xdc00) {
            unsigned low = 0;
            if (text_.substr(at_ + 1, 2) != "\\u") return false;
            at_ += 2;
            if (!four_digits(low) || low < 0xdc00 || low >= 0xe000) return false;
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
        utf8(code, out);
        return true;
    }

    static void utf8(unsigned code, std::string& out) {
        const auto tail = [&](unsigned shift) {
            out += static_cast<char>(0x80U | ((code >> shift) & 0x3fU));
        };
        if (code < 0x80) {
            out += static_cast<char>(code);
        } else if (code < 0x800) {
            out += static_cast<char>(0xc0U | (code >> 6));
            tail(0);
        } else if (code < 0x10000) {
            out += static_cast<char>(0xe0U | (code >> 12));
            tail(6);
            tail(0);
        } else {
            out += static_cast<char>(0xf0U | (code >> 18));
            tail(12);
            tail(6);
            tail(0);
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace

std::optional<Json> parse_json(std::string_view text) { return Parser(text).document(); }

} // namespace tally
