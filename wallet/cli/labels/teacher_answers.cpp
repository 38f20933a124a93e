#include "wallet/cli/labels/teacher_answers.hpp"

#include "evaluation/metrics/class_answer.hpp"
#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"

#include <cmath>
#include <filesystem>

namespace wallet::cli {
namespace {

namespace codec = ledger::codec;

constexpr std::size_t most_line = 4 << 20;
constexpr std::size_t piece_bytes = 1 << 20;

std::unique_ptr<ledger::File> open_or_make(ledger::Disk& disk, const std::string& file)
{
    auto opened = disk.open(file, ledger::OpenMode::existing);
    if (opened || opened.error().kind != ledger::ErrorKind::not_found)
        return must(std::move(opened));
    auto made = must(disk.open(file, ledger::OpenMode::fresh));
    must(disk.sync_folder(std::filesystem::path{file}.parent_path().string()));
    return made;
}

}  // namespace

TeacherAnswers::TeacherAnswers(ledger::Disk& disk, const std::string& file, std::size_t classes)
    : classes_{classes}, file_{open_or_make(disk, file)}
{
    read();
    // What is after the last end of line was being written when the program ended.
    if (must(file_->size()) != end_) must(file_->truncate(end_));
}

void TeacherAnswers::read()
{
    std::string text;
    std::uint64_t offset = 0;
    std::size_t number = 0;
    for (;;) {
        const auto piece = must(file_->read(offset, piece_bytes));
        if (piece.empty()) return;
        offset += piece.size();
        text += ledger::as_text(piece);
        std::size_t begin = 0;
        for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
            take(std::string_view{text}.substr(begin, end - begin), ++number);
            end_ += end + 1 - begin;
            begin = end + 1;
        }
        text.erase(0, begin);
        if (text.size() > most_line)
            fail(Fault::failed, "line " + std::to_string(number + 1) +
                                    " of answers.jsonl is longer than lines are");
    }
}

void TeacherAnswers::take(std::string_view line, std::size_t number)
{
    const auto where = "line " + std::to_string(number) + " of answers.jsonl";
    const auto damaged = [&] {
        fail(Fault::failed, where + " is damaged: remove it, and it is asked, and paid, again");
    };
    const auto read = codec::parse_json(line, {most_line, 4});
    if (!read || !read->is_object()) damaged();
    const auto text = [&](const char* name) {
        const auto found = read->find(name);
        if (found == read->end() || !found->is_string()) damaged();
        return found->get<std::string>();
    };
    const auto money = [&](const char* name) {
        const auto found = read->find(name);
        const auto amount = found == read->end() ? ledger::Result<ledger::Amount>{ledger::Error{}}
                                                 : codec::from_json<ledger::Amount>(*found);
        if (!amount) damaged();
        return *amount;
    };
    const auto item = ledger::id_from_hex<ledger::Hash>(text("item"));
    if (!item) damaged();
    Key key{*item, text("teacher")};
    if (const auto asked = read->find("asked"); asked != read->end()) {
        if (*asked != true) damaged();
        return count_begun(key);
    }
    if (read->contains("paying")) {
        if (!count_payment(key, money("paying"))) damaged();
        return;
    }
    Answer answer{{}, text("source"), money("charged")};
    const auto said = read->find("probabilities");
    if (said == read->end() || !said->is_array()) damaged();
    for (const auto& value : *said)
        answer.probabilities.push_back(value.is_number() ? value.get<double>() : NAN);
    if (!answer.probabilities.empty()) {
        if (answer.probabilities.size() != classes_)
            fail(Fault::usage, where +
                                   " has another number of classes: name the same --classes, or "
                                   "another --out");
        if (!evaluation::are_probabilities(answer.probabilities)) damaged();
    }
    if (!count_answer(std::move(key), std::move(answer))) damaged();
}

void TeacherAnswers::count_begun(const Key& key)
{
    auto& begun = begun_[key];
    ++begun.tries;
    begun.last = {};
}

bool TeacherAnswers::count_payment(const Key& key, ledger::Amount most)
{
    const auto begun = begun_.find(key);
    if (begun == begun_.end()) return false;
    const auto sum = charged_.plus(most);
    if (!sum) return false;
    charged_ = *sum;
    begun->second.last = begun->second.last + most;
    return true;
}

bool TeacherAnswers::count_answer(Key key, Answer answer)
{
    const auto begun = begun_.find(key);
    const auto without = begun == begun_.end() ? charged_ : charged_ - begun->second.last;
    const auto sum = without.plus(answer.charged);
    if (!sum) return false;
    charged_ = *sum;
    if (begun != begun_.end()) begun_.erase(begun);
    answers_.insert_or_assign(std::move(key), std::move(answer));
    return true;
}

const TeacherAnswers::Answer* TeacherAnswers::find(const ledger::Hash& item,
                                                   const std::string& teacher) const
{
    const auto found = answers_.find({item, teacher});
    return found == answers_.end() ? nullptr : &found->second;
}

unsigned TeacherAnswers::tries(const ledger::Hash& item, const std::string& teacher) const
{
    const auto found = begun_.find({item, teacher});
    return found == begun_.end() ? 0 : found->second.tries;
}

void TeacherAnswers::write(const json& line)
{
    const auto text = line.dump() + "\n";
    must(file_->write(end_, ledger::as_bytes(text)));
    must(file_->sync());
    end_ += text.size();
}

void TeacherAnswers::begin(const ledger::Hash& item, const std::string& teacher)
{
    write({{"item", ledger::to_hex0x(item.view())}, {"teacher", teacher}, {"asked", true}});
    count_begun({item, teacher});
}

void TeacherAnswers::pay(const ledger::Hash& item, const std::string& teacher, ledger::Amount most)
{
    write({{"item", ledger::to_hex0x(item.view())},
           {"teacher", teacher},
           {"paying", codec::to_json(most)}});
    if (!count_payment({item, teacher}, most)) fail(Fault::refused, "that is beyond all money");
}

void TeacherAnswers::add(const ledger::Hash& item, const std::string& teacher, Answer answer)
{
    write({{"item", ledger::to_hex0x(item.view())},
           {"teacher", teacher},
           {"source", answer.source},
           {"charged", codec::to_json(answer.charged)},
           {"probabilities", answer.probabilities}});
    if (!count_answer({item, teacher}, std::move(answer)))
        fail(Fault::refused, "that is beyond all money");
}

void TeacherAnswers::give_up(const ledger::Hash& item, const std::string& teacher,
                             const std::string& source)
{
    const auto begun = begun_.find({item, teacher});
    add(item, teacher, {{}, source, begun == begun_.end() ? ledger::Amount{} : begun->second.last});
}

}  // namespace wallet::cli
