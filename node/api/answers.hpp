#pragma once

#include "node/api/api.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "market/paging.hpp"
#include "market/state/state.hpp"

#include <nlohmann/json.hpp>

#include <functional>

/// What the route files share: reading parameters, paging, answering. For node/api alone.
namespace node {

/// The files' own parts of `add_api_routes`.
void add_ledger_routes(Router&, const ApiParts&);
void add_proof_routes(Router&, const ApiParts&);
void add_transaction_routes(Router&, const ApiParts&);
void add_market_routes(Router&, const ApiParts&);
void add_data_routes(Router&, const ApiParts&);
void add_lease_routes(Router&, const ApiParts&);
void add_label_routes(Router&, const ApiParts&);
void add_rpc_route(Router&, const ApiParts&);

}  // namespace node

namespace node::api {

using ledger::Result;
using nlohmann::json;

/// A refusal that a handler throws up to `guarded`.
struct Refusal {
    HttpError error;
};

[[noreturn]] void refuse(unsigned status, std::string code, std::string message,
                         std::string detail = {});
/// 404 for what is not there, 500 for corrupt, 503 for the rest.
[[noreturn]] void refuse(const ledger::Error&);

/// A value, or the refusal that its error means.
template <class T>
T must(Result<T> result)
{
    if (!result) refuse(result.error());
    return std::move(*result);
}

/// A handler that makes JSON; refusals and faults of the state become their answers.
Router::Handle guarded(std::function<asio::awaitable<json>(Exchange&)> make);
/// The same without waiting for anything.
Router::Handle answering(std::function<json(const Exchange&)> make);
/// The same from the newest state.
Router::Handle reading(const ApiParts& parts,
                       std::function<json(const ledger::StateView&, const Exchange&)> make);

/// Segments and query parameters in their types; refuse with 400 what is malformed.
ledger::Address address_parameter(const Exchange&, std::string_view name);
std::uint64_t number_parameter(const Exchange&, std::string_view name);
std::optional<std::uint64_t> number_query(const Exchange&, std::string_view name);

template <class Id>
Id id_parameter(const Exchange& exchange, std::string_view name)
{
    const auto id = ledger::id_from_hex<Id>(exchange.parameter(name));
    if (!id || !exchange.parameter(name).starts_with("0x"))
        refuse(
            400, "bad_id",
            std::string{name} + " must be 0x and " + std::to_string(Id::size * 2) + " hex digits");
    return *id;
}

/// An id or an address in the query, where it is given.
template <class Id>
std::optional<Id> id_query(const Exchange& exchange, std::string_view name)
{
    const auto text = exchange.head().target.parameter(name);
    if (!text) return {};
    const auto id = text->starts_with("0x") ? ledger::id_from_hex<Id>(*text) : std::optional<Id>{};
    if (!id) refuse(400, "bad_id", std::string{name} + " is no id");
    return id;
}
std::optional<ledger::Address> address_query(const Exchange&, std::string_view name);

/// A page of the market's as {"items","next"}.
template <class Item, class Show>
json page_json(const market::Page<Item>& page, Show&& show)
{
    auto items = json::array();
    for (const auto& item : page.items) items.push_back(show(item));
    return {{"items", std::move(items)},
            {"next", page.next.empty() ? json(nullptr) : json(ledger::to_hex0x(page.next))}};
}

/// The height of a block given by height, id or `latest`.
ledger::Height block_parameter(const ApiParts&, std::string_view which);

/// A state key with what it holds at the head, as StateProofAt of ledger/light.
asio::awaitable<json> proof_json(const ApiParts&, ledger::Bytes key);

/// `?limit=` and `?after=` of a list.
struct Page {
    std::size_t limit = 100;
    ledger::Bytes after;  ///< encoded key of the last item seen; empty at the beginning
};
Page page_of(const Exchange&);

/// The records of a table as {"items","next"}, in the order of their keys.
template <class Record>
json list(const ledger::StateView& state, const Page& page, ledger::ByteView prefix,
          const std::function<json(const typename Record::Key&, const Record&)>& show)
{
    ledger::Bytes start{static_cast<std::uint8_t>(Record::table)};
    const ledger::Bytes table = [&] {
        auto made = start;
        ledger::append(made, prefix);
        return made;
    }();
    ledger::append(start, page.after);
    if (!page.after.empty()) start.push_back(0);
    auto items = json::array();
    ledger::Bytes last;
    bool more = false;
    state.scan_from(
        table, page.after.empty() ? ledger::ByteView{table} : ledger::ByteView{start},
        [&](ledger::ByteView key, ledger::ByteView value) {
            if (items.size() == page.limit) {
                more = true;
                return false;
            }
            last.assign(key.begin() + 1, key.end());
            items.push_back(show(must(ledger::codec::decode<typename Record::Key>(last)),
                                 must(ledger::codec::decode<Record>(value))));
            return true;
        });
    return {{"items", std::move(items)},
            {"next", more ? json(ledger::to_hex0x(last)) : json(nullptr)}};
}

}  // namespace node::api
