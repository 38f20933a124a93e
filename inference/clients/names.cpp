#include "inference/clients/names.hpp"

#include "inference/protocol/json_writer.hpp"

#include <algorithm>
#include <array>

namespace inference {
namespace {

constexpr std::size_t longest = 48;

// Keywords and alternative tokens of C++, in lower case all of them; then object-like macros in
// lower case that compilers and the included headers of common systems define.
constexpr std::array reserved{
    "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break",
    "case", "catch", "char", "char8_t", "char16_t", "char32_t", "class", "compl", "concept",
    "const", "consteval", "constexpr", "constinit", "const_cast", "continue", "contract_assert",
    "co_await", "co_return", "co_yield", "decltype", "default", "delete", "do", "double",
    "dynamic_cast", "else", "enum", "explicit", "export", "extern", "false", "float", "for",
    "friend", "goto", "if", "inline", "int", "long", "mutable", "namespace", "new", "noexcept",
    "not", "not_eq", "nullptr", "operator", "or", "or_eq", "private", "protected", "public",
    "reflexpr", "register", "reinterpret_cast", "requires", "return", "short", "signed", "sizeof",
    "static", "static_assert", "static_cast", "struct", "switch", "synchronized", "template",
    "this", "thread_local", "throw", "true", "try", "typedef", "typeid", "typename", "union",
    "unsigned", "using", "virtual", "void", "volatile", "wchar_t", "while", "xor", "xor_eq",
    // macros
    "alloca", "arm", "assert", "blkcnt_t", "errno", "h_addr", "h_errno", "i386", "linux", "loff_t",
    "major", "makedev", "math_errhandling", "minor", "mips", "powerpc", "ppc", "s6_addr",
    "s6_addr16", "s6_addr32", "sa_handler", "sa_sigaction", "sigev_notify_attributes",
    "sigev_notify_function", "sparc", "st_atime", "st_ctime", "st_mtime", "stderr", "stdin",
    "stdout", "sun", "tzname", "unix", "vax",
    // members of every object
    "constructor", "prototype"};

bool is_reserved(std::string_view name)
{
    return std::ranges::find(reserved, name) != reserved.end();
}

bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || is_upper(c) || (c >= '0' && c <= '9');
}

constexpr const char* hex = "0123456789ABCDEF";

}  // namespace

std::string Identifiers::claim(std::string_view name)
{
    std::string made;
    for (const char c : name) {
        if (made.size() == longest) break;
        if (is_plain(c))
            made += is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
        else if (!made.empty() && made.back() != '_')
            made += '_';
    }
    while (!made.empty() && made.back() == '_') made.pop_back();
    if (made.empty()) made = "tensor";
    if (made.front() >= '0' && made.front() <= '9') made.insert(0, "t");
    if (is_reserved(made)) made += "_1";
    return unique(std::move(made));
}

std::string Identifiers::claim_type(std::string_view identifier, std::string_view suffix)
{
    std::string made;
    bool first = true;
    for (const char c : identifier) {
        if (c == '_')
            first = true;
        else {
            made += first && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
            first = false;
        }
    }
    return unique(made.append(suffix));
}

std::string Identifiers::unique(std::string wanted)
{
    auto made = wanted;
    for (std::size_t number = 2; !taken_.insert(made).second; ++number)
        made = wanted + '_' + std::to_string(number);
    return made;
}

std::string cpp_literal(std::string_view bytes)
{
    std::string made = "\"";
    for (const char c : bytes) {
        if (is_plain(c) ||
            std::string_view{" _-.,:;/()[]{}<>=+*#@!$%&|~^'"}.find(c) != std::string_view::npos) {
            made += c;
        } else {
            // Three octal digits end by themselves, whatever follows.
            const auto byte = static_cast<unsigned char>(c);
            made += '\\';
            for (const unsigned shift : {6u, 3u, 0u})
                made += static_cast<char>('0' + ((byte >> shift) & 7u));
        }
    }
    return made + '"';
}

std::string js_literal(std::string_view utf8)
{
    std::string json;
    if (!write_string(json, utf8)) return "\"\"";
    std::string made;
    for (std::size_t i = 0; i < json.size();) {
        const auto byte = static_cast<unsigned char>(json[i]);
        const std::size_t length = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
        if (length == 1 && byte >= 0x20 && byte != 0x7f && byte != '<' && byte != '>' &&
            byte != '&') {
            made += json[i++];
            continue;
        }
        std::uint32_t code = length == 1 ? byte : byte & (0xffu >> (length + 1));
        for (std::size_t k = 1; k < length; ++k)
            code = (code << 6) | (static_cast<unsigned char>(json[i + k]) & 0x3fu);
        i += length;
        const auto unit = [&](std::uint32_t value) {
            made += "\\u";
            for (const unsigned shift : {12u, 8u, 4u, 0u}) made += hex[(value >> shift) & 15u];
        };
        if (code < 0x10000) {
            unit(code);
        } else {
            unit(0xd800 + ((code - 0x10000) >> 10));
            unit(0xdc00 + ((code - 0x10000) & 0x3ff));
        }
    }
    return made;
}

std::string shell_word(std::string_view text)
{
    std::string made = "'";
    for (const char c : text) {
        if (c == '\'')
            made += "'\\''";
        else if (c != '\0')
            made += c;
    }
    return made + '\'';
}

std::string comment_text(std::string_view text)
{
    std::string made;
    for (const char c : text.substr(0, 200))
        made += is_plain(c) || std::string_view{" _-.,:()[]{}="}.find(c) != std::string_view::npos
                    ? c
                    : '?';
    return made;
}

std::string path_segment(std::string_view text)
{
    std::string made;
    for (const char c : text) {
        if (is_plain(c) || c == '-' || c == '_' || c == '~' || (c == '.' && text.size() > 2)) {
            made += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            made += '%';
            made += hex[byte >> 4];
            made += hex[byte & 15u];
        }
    }
    return made;
}

bool is_utf8(std::string_view text)
{
    std::string unused;
    return write_string(unused, text);
}

std::string listed(const std::vector<std::int64_t>& shape, std::string_view brackets)
{
    std::string made{brackets.front()};
    for (const auto size : shape) {
        if (made.size() > 1) made += ", ";
        made += std::to_string(size);
    }
    return made + brackets.back();
}

}  // namespace inference
