#include "node/board/board_routes.hpp"

#include "ledger/codec/json.hpp"
#include "market/state/lease_records.hpp"
#include "node/api/answers.hpp"
#include "node/board/note_checks.hpp"
#include "node/http/await_callback.hpp"

namespace node {

using namespace ledger;
using api::json;
using market::GpuOrderId;

/// The body of a POST; what a note says beside the order in the path.
struct NoteRequest {
    std::string topic;
    std::uint64_t sent_ms{};
    std::string body;
    Signature signature;
};
MILLRACE_DESCRIBE(NoteRequest, (topic, sent_ms, body, signature))

namespace {

/// A body that JSON writes as six characters each, and what stands around it.
constexpr std::size_t request_bytes = 6 * market::LeaseNoteLimits::body + 1'024;
constexpr std::uint64_t longest_wait_s = 30;

struct Said {
    unsigned status;
    const char* message;
};

Said said_of(NoteRefusal why)
{
    switch (why) {
        case NoteRefusal::not_found:
            return {404, "no such order"};
        case NoteRefusal::order_over:
            return {410, "nothing comes of this order any more"};
        case NoteRefusal::invalid:
            return {422, "a topic is a name of at most 32 bytes"};
        case NoteRefusal::body_too_large:
            return {413, "a body has at most 16384 bytes"};
        case NoteRefusal::wrong_time:
            return {422, "sentMs is more than 10 minutes from this node's clock"};
        case NoteRefusal::wrong_signature:
            return {422, "this is nobody's signature of this note"};
        case NoteRefusal::not_a_party:
            return {403, "whoever signed this has no part in the order"};
        case NoteRefusal::out_of_order:
            return {409, "sentMs is not above that of the sender's last note of this topic"};
        case NoteRefusal::too_many_topics:
            return {422, "a sender has at most 16 topics"};
        case NoteRefusal::full:
            break;
    }
    return {507, "there is no room for more"};
}

[[noreturn]] void refuse_note(NoteRefusal why)
{
    const auto said = said_of(why);
    api::refuse(said.status, std::string{codec::enum_name(why)}, said.message);
}

CallerLimits::Permit admit(CallerLimits& callers, const CallerLimit& limit, const Clock& clock,
                           Exchange& exchange)
{
    auto admitted = callers.admit(caller_key(exchange.peer().address()), limit, clock.now());
    if (const auto* refused = std::get_if<CallerLimits::Refused>(&admitted)) {
        exchange.add_header("Retry-After", std::to_string(refused->retry_after.count()));
        api::refuse(429, "busy", refused->why);
    }
    return std::move(std::get<CallerLimits::Permit>(admitted));
}

/// Before the body is read.
void must_take_notes(const BoardParts& parts, const GpuOrderId& order)
{
    const auto snapshot = api::must(parts.store.snapshot());
    if (const auto refusal = check_order(market::View{*snapshot}, order, parts.clock.wall()))
        refuse_note(*refusal);
}

void must_be_there(const BoardParts& parts, const GpuOrderId& order)
{
    const auto snapshot = api::must(parts.store.snapshot());
    if (!market::View{*snapshot}.has<market::GpuOrderRecord>(order))
        refuse_note(NoteRefusal::not_found);
}

SignedNote checked(const BoardParts& parts, market::LeaseNote note, const Signature& signature)
{
    const auto snapshot = api::must(parts.store.snapshot());
    auto good = check_note(parts.network, market::View{*snapshot}, std::move(note), signature,
                           parts.clock.wall());
    if (!good) refuse_note(good.error());
    return std::move(*good);
}

NoteRequest request_of(const Bytes& body)
{
    const auto parsed = codec::parse_json(as_text(body), {request_bytes, 2});
    if (!parsed) api::refuse(400, "malformed", parsed.error().detail);
    auto request = codec::from_json<NoteRequest>(*parsed);
    if (!request) api::refuse(400, "malformed", request.error().detail);
    return std::move(*request);
}

asio::awaitable<json> post_note(const BoardParts& parts, Exchange& exchange)
{
    const auto order = api::id_parameter<GpuOrderId>(exchange, "order");
    const auto permit = admit(parts.posting, parts.limits.posting, parts.clock, exchange);
    must_take_notes(parts, order);
    auto body = co_await exchange.read_body(request_bytes);
    if (!body) throw api::Refusal{body.error()};
    auto request = request_of(*body);
    auto note =
        checked(parts, {order, std::move(request.topic), request.sent_ms, std::move(request.body)},
                request.signature);
    std::optional<BatchNews> news;
    auto side = BatchSide::tenant;
    if (note.note.topic == batch_topic) {
        const auto said = parse_batch_news(note.note.body);
        if (!said) api::refuse(422, "invalid", said.error().detail);
        news = *said;
        const auto snapshot = api::must(parts.store.snapshot());
        side = side_of(market::View{*snapshot}, order, note.from).value_or(side);
    }
    const auto posted = parts.boards.put(std::move(note), [&]() -> std::optional<NoteRefusal> {
        if (!news) return {};
        return parts.roots.announce(order, *news, side);
    });
    if (!posted) refuse_note(posted.error());
    if (posted->is_new) ++parts.counts.posted;
    if (news) {
        std::function<Result<void>()> hold = [&roots = parts.roots, root = news->root] {
            return roots.hold(root);
        };
        // The note is up: what cannot be held now is held when it is put here.
        static_cast<void>(co_await parts.background.run<void>(std::move(hold)));
    }
    co_return json{{"$status", posted->is_new ? 201 : 200},
                   {"board", to_hex0x(parts.boards.id().view())},
                   {"number", posted->number}};
}

asio::awaitable<json> count_refusals(const BoardParts& parts, Exchange& exchange)
{
    try {
        co_return co_await post_note(parts, exchange);
    } catch (const api::Refusal&) {
        ++parts.counts.refused;
        throw;
    }
}

std::string note_text(const BoardNote& note)
{
    const auto& said = note.posted.note;
    return json{{"number", note.number}, {"from", codec::to_json(note.posted.from)},
                {"topic", said.topic},   {"sentMs", said.sent_ms},
                {"body", said.body},     {"signature", codec::to_json(note.posted.signature)}}
        .dump();
}

/// The first notes of a page whose JSON fits; one always does.
std::string page_text(const BoardParts& parts, const Boards::Page& page)
{
    std::string items;
    auto next = page.last;
    for (const auto& note : page.notes) {
        const auto text = note_text(*note);
        if (!items.empty() && items.size() + 1 + text.size() > parts.limits.page_bytes) break;
        if (!items.empty()) items += ',';
        items += text;
        next = note->number;
    }
    return R"({"board":")" + to_hex0x(parts.boards.id().view()) + R"(","items":[)" + items +
           R"(],"next":)" + std::to_string(next) + "}";
}

/// Until there is something to read or the time is over.
asio::awaitable<void> wait_for_notes(const BoardParts& parts, Exchange& exchange,
                                     const GpuOrderId& order, std::uint64_t after,
                                     std::chrono::seconds patience)
{
    std::optional<Boards::Wait> place;
    bool is_refused = false;
    std::function<void(Boards::Tell)> start = [&](Boards::Tell tell) {
        place = parts.boards.wait(order, after, tell);
        is_refused = !place;
        if (is_refused) tell(false);
    };
    static_cast<void>(co_await await_callback<bool>(std::move(start), patience));
    if (!is_refused) co_return;
    exchange.add_header("Retry-After", "1");
    api::refuse(429, "busy", "too many wait for notes");
}

asio::awaitable<json> read_notes(const BoardParts& parts, Exchange& exchange)
{
    const auto order = api::id_parameter<GpuOrderId>(exchange, "order");
    const auto after = api::number_query(exchange, "after").value_or(0);
    const auto wait_s = api::number_query(exchange, "wait").value_or(0);
    if (wait_s > longest_wait_s) api::refuse(400, "bad_wait", "wait is 0 to 30 seconds");
    const auto permit = admit(parts.reading, parts.limits.reading, parts.clock, exchange);
    must_be_there(parts, order);
    if (wait_s != 0)
        co_await wait_for_notes(parts, exchange, order, after, std::chrono::seconds{wait_s});
    // While the permit is held, which bounds what answers of one caller take.
    Response response = Response::json(200, page_text(parts, parts.boards.read(order, after)));
    co_await exchange.respond(std::move(response));
    co_return json{};
}

}  // namespace

void add_board_routes(Router& router, const BoardParts& parts)
{
    const std::string path = "/v1/gpu/orders/{order}/notes";
    router.add(Method::post, path,
               {"A party to an order puts up a signed note",
                {},
                {},
                {400, 403, 404, 409, 410, 413, 422, 429, 507}},
               api::guarded([parts](Exchange& e) { return count_refusals(parts, e); }));
    router.add(Method::get, path,
               {"Notes of an order's parties: ?after=N&wait=SECONDS", {}, {}, {400, 404, 429}},
               api::guarded([parts](Exchange& e) { return read_notes(parts, e); }));
}

void add_board_metrics(Metrics& metrics, const Boards& boards, const BoardCounts& counts)
{
    const auto gauge = [&](const char* name, const char* help, std::uint64_t BoardUsage::*member) {
        metrics.add_gauge(
            name, help, [&boards, member] { return static_cast<double>(boards.usage().*member); });
    };
    gauge("millrace_board_notes", "Notes of parties to orders that are up", &BoardUsage::notes);
    gauge("millrace_board_bytes", "What they count for in board.bytes", &BoardUsage::bytes);
    gauge("millrace_board_waiting", "Readers that wait for notes", &BoardUsage::waiting);
    metrics.add_counter("millrace_board_posted_total", "Notes that were put up",
                        [&counts] { return static_cast<double>(counts.posted.load()); });
    metrics.add_counter("millrace_board_refused_total", "Notes that were not",
                        [&counts] { return static_cast<double>(counts.refused.load()); });
}

}  // namespace node
