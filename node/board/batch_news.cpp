#include "node/board/batch_news.hpp"

#include "ledger/codec/json.hpp"
#include "market/lease_note.hpp"

namespace node {

using namespace ledger;

namespace {

constexpr unsigned body_depth = 8;

}  // namespace

Result<BatchNews> parse_batch_news(std::string_view body)
{
    const auto parsed = codec::parse_json(body, {market::LeaseNoteLimits::body, body_depth});
    if (!parsed) return parsed.error();
    if (!parsed->is_object()) return invalid("the body names no batch");
    const auto text = [&](const char* name) -> std::string_view {
        const auto found = parsed->find(name);
        if (found == parsed->end() || !found->is_string()) return {};
        return found->get_ref<const std::string&>();
    };
    const auto hash = [&](const char* name) -> std::optional<Hash> {
        if (!text(name).starts_with("0x")) return {};
        return id_from_hex<Hash>(text(name));
    };
    const auto root = hash("root");
    if (!root) return invalid("root is 0x and 64 hex digits");
    const auto found = parsed->find("bytes");
    const bool is_number = found != parsed->end() && found->is_number_unsigned();
    const auto bytes = is_number ? std::optional{found->get<std::uint64_t>()}
                                 : codec::parse_decimal(text("bytes"));
    if (!bytes || *bytes == 0) return invalid("bytes is a whole number, at least 1");
    const auto manifest = hash("manifest");
    if (parsed->contains("manifest") && !manifest)
        return invalid("manifest is 0x and 64 hex digits");
    return BatchNews{*root, *bytes, manifest};
}

}  // namespace node
