#include "wallet/cli/node_lists.hpp"

namespace wallet::cli {

json all_items(const Session& session, const std::string& target)
{
    constexpr std::size_t most_pages = 1'000;
    json items = json::array();
    std::string after;
    for (std::size_t page = 0; page < most_pages; ++page) {
        const auto got = must(session.client().get(target + after));
        for (const auto& item : got.at("items")) items.push_back(item);
        const auto next = got.value("next", json{});
        if (!next.is_string()) return items;
        after = "&after=" + next.get<std::string>();
    }
    fail(Fault::failed, "the node's list does not end");
}

}  // namespace wallet::cli
