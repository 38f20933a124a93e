#include "tests/unit/samples/opening.hpp"

namespace samples {
namespace {

using inference::DataType;

OpenOptions of_text(std::string_view text)
{
    return of_items({{"rows.csv", bytes_of(text)}});
}

const inference::ModelIo two = model_of(DataType::FP32, {-1, 2});

TEST(OpenCsv, HasFeaturesAClassAndASlice)
{
    const auto source =
        open(of_text("a,label,b,slice\n1,dog,2,north\n3,cat,4.5,\"south, far\"\n"), two);
    ASSERT_TRUE(source) << source.error().detail;
    ASSERT_EQ((*source)->size(), 2u);
    EXPECT_EQ((*source)->target().classes, (std::vector<std::string>{"cat", "dog"}));
    const auto second = read_one(**source, 1);
    EXPECT_EQ(second->floats(), (std::vector<float>{3, 4.5F}));
    EXPECT_EQ(second->label, 0);
    EXPECT_EQ((*source)->label(0), 1);
    EXPECT_EQ((*source)->slice(1), "south, far");
}

TEST(OpenCsv, TakesTheColumnsThatAreNamed)
{
    auto options = of_text("id;a;b;low;high\n7;1;2;0.5;1.5\n");
    options.table.delimiter = ';';
    options.table.features = {"b", "a"};
    options.table.targets = {"high", "low"};
    options.table.slice = "id";
    const auto source = open(options, two);
    ASSERT_TRUE(source) << source.error().detail;
    const auto row = read_one(**source, 0);
    EXPECT_EQ(row->floats(), (std::vector<float>{2, 1}));
    EXPECT_EQ(row->numbers, (std::vector<float>{1.5F, 0.5F}));
    EXPECT_EQ((*source)->slice(0), "7");
    options.table.features.clear();
    options.table.ignored = {"id"};
    options.table.slice.clear();
    EXPECT_EQ(read_one(**open(options, two), 0)->floats(), (std::vector<float>{1, 2}));
}

TEST(OpenCsv, FillsAnyShapeAndType)
{
    const std::string_view text = "a,b,c,d\n1,2,3,4\n";
    EXPECT_EQ((*open(of_text(text), model_of(DataType::FP32, {-1, 2, 2})))->inputs()[0].shape,
              (Shape{2, 2}));
    const auto open_size = open(of_text(text), model_of(DataType::INT64, {-1, -1}));
    ASSERT_TRUE(open_size) << open_size.error().detail;
    EXPECT_EQ(read_one(**open_size, 0)->input, little<std::int64_t>({1, 2, 3, 4}));
    EXPECT_EQ((*open_size)->target().kind, Target::Kind::none);
}

TEST(OpenCsv, NormalisesByColumn)
{
    auto options = of_text("a,b\n1,10\n");
    options.table.normalise.mean = {0, 4};
    options.table.normalise.deviation = {2, 3};
    EXPECT_EQ(read_one(**open(options, two), 0)->floats(), (std::vector<float>{0.5F, 2}));
}

TEST(OpenCsv, SaysWhichRowAndColumnAreWrong)
{
    EXPECT_EQ(why(of_text("a,b\n1,2\n3,x\n"), two), "rows.csv: row 3, column 'b': 'x' is no FP32");
    EXPECT_EQ(why(of_text("a,b\n1,\n"), two), "rows.csv: row 2, column 'b': '' is no FP32");
    EXPECT_EQ(why(of_text("a,b\n1,2.5\n"), model_of(DataType::UINT8, {-1, 2})),
              "rows.csv: row 2, column 'b': '2.5' is no UINT8");
    EXPECT_EQ(why(of_text("a,b\n1,2,3\n"), two), "rows.csv: row 2 has 3 fields, the header 2");
    EXPECT_EQ(why(of_text("a,a\n"), two), "rows.csv: two columns are named 'a'");
    EXPECT_EQ(why(of_text("a,b\n\"1,2\n"), two), "rows.csv: row 2: a quote is not closed");
    EXPECT_EQ(why(of_text("a,b,c\n1,2,3\n"), two),
              "rows.csv: each row has features of shape [3], and the input x takes [2]");
    EXPECT_EQ(why(of_text(""), two), "rows.csv: it is empty, without even a header");
    EXPECT_EQ(why(of_text("a,b\n"), two), "there are no samples");
    EXPECT_EQ(why(of_text("label\n1\n"), two), "rows.csv: no column is a feature");
    EXPECT_EQ(why(of_text("a,b\n1,2\n"), model_of(DataType::FP16, {-1, 2})),
              "rows.csv: the input x is FP16, which CSV does not give");
    auto options = of_text("a,b\n1,2\n");
    options.table.targets = {"c"};
    EXPECT_EQ(why(options, two), "rows.csv: there is no column 'c', only a, b");
    options.table.targets = {"a", "a"};
    EXPECT_EQ(why(options, two), "rows.csv: the column 'a' is given twice");
    options.table.targets.clear();
    options.table.target = TargetKind::classes;
    EXPECT_EQ(why(options, two), "rows.csv: no column is a target: name one, there is no 'label'");
    options.labels = "labels.csv";
    EXPECT_EQ(why(options, two), "a CSV file has its targets in columns, not in a file of labels");
}

TEST(OpenCsv, KeepsItsBounds)
{
    auto options = of_text("a,b\n1,2\n3,4\n");
    options.limits.samples = 1;
    EXPECT_EQ(open(options, two).error().kind, ledger::ErrorKind::full);
    options.limits = {};
    options.limits.table_bytes = 16;
    EXPECT_TRUE(open(options, two));
    options.limits.table_bytes = 15;
    EXPECT_EQ(why(options, two), "rows.csv: row 3: there is no room for more rows");
}

TEST(OpenCsv, KeepsManyRows)
{
    std::string text = "a,b\n";
    for (int i = 0; i < 600'000; ++i) text += std::to_string(i) + ",1\n";
    const auto source = open(of_text(text), two);
    ASSERT_TRUE(source) << source.error().detail;
    ASSERT_EQ((*source)->size(), 600'000u);
    for (const std::size_t row : {0u, 524'287u, 524'288u, 599'999u})
        EXPECT_EQ(read_one(**source, row)->floats()[0], static_cast<float>(row));
}

}  // namespace
}  // namespace samples
