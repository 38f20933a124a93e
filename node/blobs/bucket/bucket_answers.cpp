#include "node/blobs/bucket/bucket_answers.hpp"

#include <algorithm>
#include <optional>

namespace node::bucket_answers {

using namespace ledger;

namespace {

bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// What stands between <name> and </name>, from `at` on, which goes behind it. Elements that we
/// read have no attributes, and none like them in them.
std::optional<std::string_view> element(std::string_view body, std::string_view name,
                                        std::size_t& at)
{
    const auto open = "<" + std::string{name} + ">";
    const auto begin = body.find(open, at);
    if (begin == std::string_view::npos) return {};
    const auto from = begin + open.size();
    const auto end = body.find("</" + std::string{name} + ">", from);
    if (end == std::string_view::npos) return {};
    at = end;
    return body.substr(from, end - from);
}

bool has_element(std::string_view body, std::string_view name)
{
    const auto at = body.find("<" + std::string{name});
    if (at == std::string_view::npos || at + 1 + name.size() >= body.size()) return false;
    const char behind = body[at + 1 + name.size()];
    return behind == '>' || behind == ' ' || behind == '/';
}

}  // namespace

bool is_plain_key(std::string_view key)
{
    return !key.empty() && key.size() <= 1'024 && std::ranges::all_of(key, [](char c) {
        return is_letter_or_digit(c) || std::string_view{"-_.~/"}.find(c) != std::string_view::npos;
    });
}

std::string error_code(std::string_view body)
{
    std::size_t at = 0;
    const auto code = element(body, "Code", at);
    if (!code || code->empty() || code->size() > 64 ||
        !std::ranges::all_of(*code, is_letter_or_digit))
        return {};
    return std::string{*code};
}

Result<std::vector<std::string>> listed_keys(std::string_view body, std::string_view prefix)
{
    if (!has_element(body, "ListBucketResult")) return invalid("this is no listing of objects");
    std::vector<std::string> keys;
    std::size_t at = 0;
    while (const auto key = element(body, "Key", at)) {
        if (keys.size() == most_keys) return invalid("the listing has too many objects");
        if (!key->starts_with(prefix) || !is_plain_key(*key))
            return invalid("the listing has objects that nobody asked for");
        keys.emplace_back(*key);
    }
    return keys;
}

bool has_more_keys(std::string_view body)
{
    std::size_t at = 0;
    return element(body, "IsTruncated", at) == std::string_view{"true"};
}

std::string removal_text(const std::vector<std::string>& keys)
{
    std::string text = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
    text += "<Quiet>true</Quiet>";
    for (const auto& key : keys) text += "<Object><Key>" + key + "</Key></Object>";
    return text + "</Delete>";
}

Result<std::string> removal_error(std::string_view body)
{
    if (!has_element(body, "DeleteResult")) return invalid("this is no answer to a removal");
    if (!has_element(body, "Error")) return std::string{};
    auto code = error_code(body);
    return code.empty() ? "an error without a code" : code;
}

}  // namespace node::bucket_answers
