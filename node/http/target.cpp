#include "node/http/target.hpp"

#include <algorithm>

namespace node {
namespace {

ledger::Error refused(const char* why)
{
    return {ledger::ErrorKind::invalid, why};
}

int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Absolute form: takes "http://" or "https://" off the front.
bool strip_scheme(std::string_view& target)
{
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (target.size() < scheme.size()) continue;
        const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
        if (std::equal(scheme.begin(), scheme.end(), target.begin(),
                       [&](char want, char got) { return same(got, want); })) {
            target.remove_prefix(scheme.size());
            return true;
        }
    }
    return false;
}

}  // namespace

void Target::clear()
{
    path_ = authority_ = {};
    segments_.clear();
    query_.clear();
    raw_.clear();
    decoded_.clear();
}

ledger::Result<void> Target::parse(std::string_view raw)
{
    clear();
    raw_.assign(raw);
    decoded_.reserve(raw_.size());

    std::string_view rest = raw_;
    const bool visible =
        std::all_of(rest.begin(), rest.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (!visible) return refused("a request target has only visible ASCII characters");
    if (rest == "*") {
        path_ = rest;
        return {};
    }
    if (strip_scheme(rest)) {
        authority_ = rest.substr(0, rest.find_first_of("/?#"));
        rest.remove_prefix(authority_.size());
        if (authority_.empty()) return refused("the absolute target names no host");
        if (authority_.find('@') != authority_.npos) return refused("a target has no user info");
        if (rest.empty()) rest = "/";
    }
    if (rest.empty() || rest.front() != '/') return refused("the target does not begin with '/'");
    if (rest.find('#') != rest.npos) return refused("a target has no fragment");

    const auto mark = rest.find('?');
    path_ = rest.substr(0, mark);
    if (const auto split = split_path(path_); !split) return split;
    if (mark == rest.npos) return {};
    return split_query(rest.substr(mark + 1));
}

ledger::Result<void> Target::split_path(std::string_view path)
{
    if (path == "/") return {};
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        const auto part = path.substr(0, path.find('/'));
        path.remove_prefix(part.size());
        if (segments_.size() == max_segments) return refused("the path has too many segments");
        const auto segment = decode(part, false);
        if (!segment) return refused("a path segment is not validly percent-encoded");
        if (*segment == "." || *segment == "..") return refused("a path has no dot segments");
        segments_.push_back(*segment);
    }
    return {};
}

ledger::Result<void> Target::split_query(std::string_view query)
{
    while (!query.empty()) {
        const auto part = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), part.size() + 1));
        if (part.empty()) continue;
        if (query_.size() == max_parameters) return refused("the query has too many parameters");
        const auto equals = part.find('=');
        const auto key = decode(part.substr(0, equals), true);
        const auto value =
            equals == part.npos ? std::string_view{} : decode(part.substr(equals + 1), true);
        if (!key || !value) return refused("the query is not validly percent-encoded");
        query_.push_back({*key, *value});
    }
    return {};
}

std::optional<std::string_view> Target::decode(std::string_view part, bool plus_is_space)
{
    const auto begin = decoded_.size();
    for (std::size_t i = 0; i < part.size(); ++i) {
        char c = part[i];
        if (c == '+' && plus_is_space) c = ' ';
        if (c == '%') {
            if (part.size() - i < 3) return {};
            const int high = hex_digit(part[i + 1]), low = hex_digit(part[i + 2]);
            if (high < 0 || low < 0) return {};
            c = static_cast<char>(high * 16 + low);
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return {};
            i += 2;
        }
        decoded_.push_back(c);
    }
    return std::string_view{decoded_}.substr(begin);
}

std::optional<std::string_view> Target::parameter(std::string_view key) const
{
    for (const auto& [name, value] : query_) {
        if (name == key) return value;
    }
    return {};
}

}  // namespace node
