#pragma once

#include "market/label_rows.hpp"
#include "market/rules/label_rules.hpp"
#include "tests/support/data_world.hpp"

/// A market in which alice has the items of a dataset labelled, bob, carol and others label them,
/// and judy decides appeals.
namespace market {

/// An annotator's labels with what proves them.
struct LabelSheet {
    std::vector<LabelRow> rows;

    Hash root() const;
    std::vector<Hash> path(std::size_t item) const;
    std::uint32_t labels() const;
};

class LabelWorld : public DataWorld {
public:
    static constexpr std::uint32_t items = 10;
    static constexpr std::uint64_t price = 20, bond = 101, fee = 30;
    static constexpr std::uint64_t open_s = 1'000, work_s = 400, review_s = 200, appeal_s = 100,
                                   decide_s = 50;

    explicit LabelWorld(ledger::AssetKind = ledger::AssetKind::coin);

    /// Items 0, 4 and 8 are gold, with label 0; one of them may be wrong.
    const std::vector<GoldLabel>& gold() const { return gold_; }
    /// An order that the rules accept when "alice" sends it, for tests to change one thing of; judy
    /// is its arbiter.
    const LabelOrder& good() const { return good_; }
    static LabelTake taking(const LabelOrderId&);
    static LabelHand handing(const LabelOrderId&, std::string_view annotator);
    static LabelSheet sheet(std::uint32_t label = 0, std::uint32_t first = 0);
    static LabelSubmit submission(const LabelOrderId&, const LabelSheet& = sheet());
    static LabelReview review(const LabelOrderId&, std::string_view annotator,
                              std::uint32_t accepted);
    static LabelReview void_review(const LabelOrderId&, std::string_view annotator,
                                   std::vector<LabelError> errors = {});
    /// What shows that gold number `place` is wrong in a sheet.
    LabelError error(const LabelSheet&, std::uint32_t place) const;

    /// Does it, and fails the test when the rules refuse. The arbiter agrees, too.
    LabelOrderId order();
    LabelOrderId order(const LabelOrder&);
    /// Without the arbiter.
    LabelOrderId order_alone(const LabelOrder&);
    void take(const LabelOrderId&, std::string_view annotator);
    /// Takes a seat and is handed the keys; and then submits.
    void begin(const LabelOrderId&, std::string_view annotator);
    void label(const LabelOrderId&, std::string_view annotator, const LabelSheet& = sheet());

    LabelSeats seats(const LabelOrderId& id) const { return view().get<LabelSeats>(id); }
    LabelWork work(const LabelOrderId&, std::string_view annotator) const;
    Rejection timeout(const LabelOrderId&, std::string_view annotator);

private:
    std::vector<GoldLabel> gold_;
    LabelOrder good_;
};

}  // namespace market
