#pragma once

#include "node/blobs/batch_routes.hpp"
#include "node/board/board_routes.hpp"
#include "node/board/board_sweeper.hpp"
#include "tests/support/memory_batches.hpp"
#include "tests/support/sealed_batch.hpp"
#include "tests/unit/node/api/api_fixture.hpp"

namespace node {

/// Notes and batches over a real chain: person 2 has an order, person 1 lets a machine, person 3
/// has nothing to do with it. The operator's token is "secret".
class BoardTest : public ApiTest {
public:
    BoardTest() { open(); }

    /// As a node that has just started: the batches are those that it had before.
    void open(const BoardLimits& limits = {}, const BoardRootLimits& root_limits = {},
              const BoardRouteLimits& route_limits = {})
    {
        board.emplace();
        boards.emplace(ids.next<BoardId>(), limits);
        roots.emplace(batches, root_limits);
        wanted = {};
        wanted.add(announced);
        wanted.add(*roots);
        add_board_routes(*board, {network, *store, *boards, *roots, background, posting, reading,
                                  counts, clock, route_limits});
        add_batch_routes(
            *board,
            {batches, background, fetches, wanted, gate, callers, rates, batch_counts, clock, {}});
    }
    Answer ask_board(std::string_view method, const std::string& target, std::string_view body = {},
                     bool by_operator = false)
    {
        FakeExchange::Headers headers;
        if (by_operator) headers.emplace_back("Authorization", "Bearer secret");
        FakeExchange exchange{method, target, headers, body};
        exchange.run(*board);
        Answer answer{exchange.status(), exchange.text(),
                      json::parse(exchange.text(), nullptr, false)};
        if (exchange.answer_header("Retry-After")) ++answers_to_repeat;
        return answer;
    }

    static std::uint64_t tomorrow() { return test_genesis().time_ms.value / 1'000 + 86'400; }
    market::GpuOrderId make_order()
    {
        market::GpuOrder made;
        made.job.kind = market::JobKind::raw;
        made.max_rate = ledger::Amount::micros(10);
        made.escrow = ledger::Amount::micros(10'000);
        made.expires = tomorrow();
        return id_of<market::GpuOrderId>(send(2, made));
    }
    market::GpuBidId make_bid(const market::GpuOrderId& to)
    {
        market::GpuOffer offer;
        offer.device = {"H200", 143'000, 1, "570.1", "eu"};
        offer.profile = {60'000, 4'800'000, "sm_90", true, {}};
        offer.rate = ledger::Amount::micros(10);
        offer.min_s = 60;
        offer.max_s = 3'600;
        offer.expires = tomorrow();
        market::GpuBid bid;
        bid.offer = id_of<market::GpuOfferId>(send(1, offer));
        bid.order = to;
        bid.rate = ledger::Amount::micros(9);
        bid.start_by = tomorrow();
        bid.deposit = ledger::Amount::micros(300);
        return id_of<market::GpuBidId>(send(1, bid));
    }
    void cancel(const market::GpuOrderId& id)
    {
        send(2, market::GpuCancel{market::GpuEntry::order, ledger::retag<ledger::Hash>(id)});
    }

    static std::string path(const market::GpuOrderId& id)
    {
        return "/v1/gpu/orders/" + ledger::to_hex0x(id.view()) + "/notes";
    }
    /// The body of a POST of a note for `order`, signed by person `n`.
    json signed_note(std::uint8_t n, const std::string& topic, std::uint64_t sent_ms,
                     const std::string& body) const
    {
        const auto digest = market::note_digest(network, {order, topic, sent_ms, body});
        return {{"topic", topic},
                {"sentMs", sent_ms},
                {"body", body},
                {"signature", ledger::codec::to_json(sign(test_key(n), digest))}};
    }
    Answer post_json(const json& note) { return ask_board("POST", path(order), note.dump()); }
    /// Each a millisecond after the one before.
    Answer post_note(std::uint8_t n, const std::string& topic = "state",
                     const std::string& body = "{}")
    {
        clock.advance(std::chrono::milliseconds{1});
        return post_json(signed_note(n, topic, clock.wall().value, body));
    }
    json read_notes(const std::string& query = "")
    {
        const auto answer = ask_board("GET", path(order) + query);
        EXPECT_EQ(answer.status, 200u) << answer.text;
        return answer.body;
    }

    template <class Id>
    static Id id_of(const json& sent)
    {
        return *ledger::id_from_hex<Id>(sent["txId"].get<std::string>());
    }

    ledger::SeededRandom ids{9};
    MemoryBatches batches{clock, {std::uint64_t{1} << 20, 100, 2}};
    Background background{2};
    BatchCounts batch_counts;
    BatchFetches fetches{batches, clock, batch_counts, open_provider, {}};
    OperatorGate gate{ledger::SecretBytes::copy_of(ledger::as_bytes("secret"))};
    CallerLimits callers{100}, posting{100}, reading{100};
    ByteRates rates{0};
    BoardCounts counts;
    AnnouncedRoots announced{batches};
    RootsOfSeveral wanted;
    std::optional<Boards> boards;
    std::optional<BoardRoots> roots;
    std::optional<Router> board;
    int answers_to_repeat = 0;
    market::GpuOrderId order = make_order();
};

}  // namespace node
