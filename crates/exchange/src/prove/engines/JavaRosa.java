// Forms in JavaRosa, the engine of ODK Collect: the same questions relevant, the same
// values worked out. Run from its source, with ODK Validate's archive as the class path:
// java -cp ODK_Validate.jar JavaRosa.java cases.json

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.javarosa.core.model.Constants;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.FormIndex;
import org.javarosa.core.model.GroupDef;
import org.javarosa.core.model.IFormElement;
import org.javarosa.core.model.QuestionDef;
import org.javarosa.core.model.data.AnswerDataFactory;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.data.UncastData;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.core.services.PropertyManager;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.form.api.FormEntryModel;
import org.javarosa.form.api.FormEntryPrompt;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.xform.util.XFormUtils;
import org.opendatakit.validate.StubPropertyManager;

public class JavaRosa {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static PrintStream lines;

  public static void main(String[] arguments) throws Exception {
    lines = new PrintStream(new FileOutputStream(FileDescriptor.out), false, "UTF-8");
    // What the engine says on its own does not come between the lines.
    System.setOut(System.err);
    new XFormsModule().registerModule();
    PropertyManager.setPropertyManager(new StubPropertyManager());
    JsonNode cases = JSON.readTree(new File(arguments[0]));
    for (int index = 0; index < cases.size(); index++) {
      try {
        fillIn(cases.get(index), index);
      } catch (Exception error) {
        ObjectNode failed = JSON.createObjectNode().put("form", index);
        String why = String.valueOf(error.getMessage()).strip().split("\n")[0];
        lines.println(JSON.writeValueAsString(failed.put("failed", why)));
      }
    }
    lines.flush();
  }

  private static void fillIn(JsonNode one, int index) throws Exception {
    Map<String, String> kinds = new HashMap<>();
    one.get("questions").forEach(it -> kinds.put(it.get("name").asText(), it.get("kind").asText()));
    JsonNode respondents = one.get("respondents");
    for (int number = 0; number < respondents.size(); number++) {
      Respondent respondent = new Respondent(one, respondents.get(number), kinds);
      ObjectNode line = respondent.answered();
      lines.println(JSON.writeValueAsString(line.put("form", index).put("respondent", number)));
    }
  }

  /** One person in front of the form, who goes through it from page to page. */
  private static class Respondent {
    private final JsonNode own;
    private final Map<String, String> kinds;
    private final Map<String, JsonNode> given = new LinkedHashMap<>();
    private final Set<String> asked = new HashSet<>();
    private final ArrayNode refused = JSON.createArrayNode();
    /** What is asked by a question, and not only worked out. */
    private final Set<String> questions = new HashSet<>();
    private final FormDef form;
    private final FormEntryController controller;

    Respondent(JsonNode one, JsonNode own, Map<String, String> kinds) throws Exception {
      this.own = own;
      this.kinds = kinds;
      for (JsonNode value : own.get("values")) {
        List<String> places = new ArrayList<>();
        value.get(2).forEach(place -> places.add(place.asText()));
        given.put(placed(value.get(0).asText(), places), value.get(1));
      }
      byte[] text = text(one).getBytes(StandardCharsets.UTF_8);
      form = XFormUtils.getFormFromInputStream(new ByteArrayInputStream(text));
      form.initialize(true, new InstanceInitializationFactory());
      controller = new FormEntryController(new FormEntryModel(form));
      form.getChildren().forEach(this::collect);
    }

    /** The form, in which chance decides what it decided here. */
    private String text(JsonNode one) {
      String text = one.get("form").asText();
      if (one.path("foreign").asBoolean()) return text;
      var chances = own.get("chances").fields();
      while (chances.hasNext()) {
        var chance = chances.next();
        JsonNode value = chance.getValue();
        String literal = value.isNumber() ? value.asText() : "'" + value.asText() + "'";
        Pattern worked =
            Pattern.compile(
                "(<bind nodeset=\"[^\"]*/"
                    + Pattern.quote(chance.getKey())
                    + "\"[^>]* calculate=\")[^\"]*");
        text = worked.matcher(text).replaceAll("$1" + Matcher.quoteReplacement(literal));
      }
      return text;
    }

    ObjectNode answered() throws Exception {
      // What no question asks for is there from the start.
      walk(form.getMainInstance().getRoot(), List.of(), true, this::put);
      FormEntryModel model = controller.getModel();
      controller.jumpToIndex(FormIndex.createBeginningOfFormIndex());
      for (int event = controller.stepToNextEvent();
          event != FormEntryController.EVENT_END_OF_FORM;
          event = controller.stepToNextEvent()) {
        FormIndex at = model.getFormIndex();
        if (event == FormEntryController.EVENT_PROMPT_NEW_REPEAT) {
          if (isWanted(at, false)) controller.newRepeat(at);
        } else if (event == FormEntryController.EVENT_REPEAT && !isWanted(at, true)) {
          controller.jumpToIndex(controller.deleteRepeat(at));
        } else if (event == FormEntryController.EVENT_QUESTION) {
          answer(at, model.getQuestionPrompt(at));
        }
      }
      Set<String> visited = visited();
      ObjectNode line = JSON.createObjectNode();
      ArrayNode shown = line.putArray("shown");
      ObjectNode values = line.putObject("values");
      Set<String> met = new HashSet<>();
      walk(
          form.getMainInstance().getRoot(),
          List.of(),
          true,
          (place, element, relevant) -> {
            String kind = kinds.get(bare(place));
            if (kind == null || !met.add(place)) return;
            boolean isQuestion = questions.contains(generic(element.getRef()));
            shown.addArray().add(place).add(isQuestion ? visited.contains(place) : relevant);
            if (kind.equals("computed")) {
              IAnswerData value = relevant ? element.getValue() : null;
              String text = value == null ? "" : value.uncast().getString();
              // No number, as a number, is nothing; a day is one also where its time is said.
              text = text.replaceFirst("T00:00:00\\.000.*$", "");
              values.put(place, text.equals("NaN") ? "" : text);
            }
          });
      line.set("refused", refused);
      return line;
    }

    /** The questions that somebody who goes through the form now is shown. */
    private Set<String> visited() {
      Set<String> found = new HashSet<>();
      FormEntryModel model = controller.getModel();
      controller.jumpToIndex(FormIndex.createBeginningOfFormIndex());
      for (int event = controller.stepToNextEvent();
          event != FormEntryController.EVENT_END_OF_FORM;
          event = controller.stepToNextEvent()) {
        if (event != FormEntryController.EVENT_QUESTION) continue;
        TreeReference reference = model.getFormIndex().getReference();
        found.add(placed(reference.getNameLast(), places(reference)));
      }
      return found;
    }

    /** The questions of a part of the form. */
    private void collect(IFormElement part) {
      if (part instanceof QuestionDef) {
        questions.add(generic((TreeReference) part.getBind().getReference()));
      } else if (part.getChildren() != null) {
        part.getChildren().forEach(this::collect);
      }
    }

    private static String generic(TreeReference reference) {
      return reference.genericize().toString(false);
    }

    /** Answers the question on the page, or leaves it blank. */
    private void answer(FormIndex at, FormEntryPrompt prompt) {
      TreeReference reference = at.getReference();
      String place = placed(reference.getNameLast(), places(reference));
      JsonNode value = given.get(place);
      boolean known = kinds.containsKey(bare(place));
      if (!asked.add(place) || prompt.isReadOnly()) return;
      if (value == null) {
        // A default that the respondent took away.
        if (known && prompt.getAnswerValue() != null) controller.saveAnswer(at, null, true);
        return;
      }
      try {
        int control = prompt.getControlType();
        String text =
            switch (control) {
              case Constants.CONTROL_TRIGGER -> value.asBoolean() ? "OK" : "";
              case Constants.CONTROL_SELECT_ONE -> code(value.asText());
              default -> written(value);
            };
        IAnswerData kind = AnswerDataFactory.template(control, prompt.getDataType());
        IAnswerData answer = text.isEmpty() ? null : kind.cast(new UncastData(text));
        controller.saveAnswer(at, answer, true);
      } catch (RuntimeException error) {
        refused.addArray().add(bare(place)).add(value + " is not taken: " + error.getMessage());
      }
    }

    /** Gives a value to what is not asked. */
    private void put(String place, TreeElement element, boolean relevant) {
      JsonNode value = given.get(place);
      if (value == null || element.getNumChildren() > 0) return;
      try {
        IAnswerData kind = AnswerDataFactory.templateByDataType(element.getDataType());
        form.setValue(kind.cast(new UncastData(written(value))), element.getRef(), true);
      } catch (RuntimeException error) {
        // The question itself will say so.
      }
    }

    /** Whether a repeat has so many members here that this one is among them. */
    private boolean isWanted(FormIndex at, boolean otherwise) {
      TreeReference reference = at.getReference();
      List<String> around = places(reference);
      int place = Integer.parseInt(around.remove(around.size() - 1));
      Integer members = members(reference.getNameLast(), around);
      boolean counted = ((GroupDef) form.getChild(at)).getCountReference() != null;
      return members == null || counted ? otherwise : place <= members;
    }

    /** How many members a repeat has here; a roster repeats under several names. */
    private Integer members(String name, List<String> around) {
      for (String roster = name; ; roster = roster.substring(0, roster.length() - 6)) {
        JsonNode members = own.get("members").get(placed(roster, around));
        if (members != null) return members.asInt();
        if (!roster.endsWith("_group")) return null;
      }
    }

    /** The places of the repeats that a reference is in, from 1. */
    private List<String> places(TreeReference reference) {
      List<String> found = new ArrayList<>();
      TreeReference upTo = TreeReference.rootRef();
      for (int level = 0; level < reference.size(); level++) {
        upTo.add(reference.getName(level), TreeReference.INDEX_UNBOUND);
        if (form.getMainInstance().getTemplate(upTo) != null) {
          found.add(String.valueOf(reference.getMultiplicity(level) + 1));
        }
      }
      return found;
    }
  }

  private interface Visit {
    void at(String place, TreeElement element, boolean relevant);
  }

  /** Every node by its name and the places of the repeats it is in, as `age@2`. */
  private static void walk(TreeElement element, List<String> places, boolean open, Visit visit) {
    for (int index = 0; index < element.getNumChildren(); index++) {
      TreeElement child = element.getChildAt(index);
      if (child.getMult() == TreeReference.INDEX_TEMPLATE) continue;
      boolean relevant = open && child.isRelevant();
      List<String> own = places;
      if (child.isRepeatable()) {
        own = new ArrayList<>(places);
        own.add(String.valueOf(child.getMult() + 1));
      } else {
        visit.at(placed(child.getName(), places), child, relevant);
      }
      walk(child, own, relevant, visit);
    }
  }

  private static String placed(String name, List<String> places) {
    return places.isEmpty() ? name : name + "@" + String.join(".", places);
  }

  private static String bare(String place) {
    return place.split("@")[0];
  }

  /** A value as forms have it: whole numbers without a point, lists with a blank between codes. */
  private static String written(JsonNode value) {
    if (value.isNumber() && value.asDouble() == value.asLong()) return value.asLong() + "";
    if (!value.isArray()) return value.asText();
    List<String> codes = new ArrayList<>();
    value.forEach(one -> codes.add(code(one.asText())));
    return String.join(" ", codes);
  }

  /** A code as forms may have it. */
  private static String code(String text) {
    return String.join("_", text.replaceAll("[‘’“”]", "_").strip().split("\\s+"));
  }
}
