-- A mean that publishing a file again does not move: mean_score is over attempts. The one over messages, as published reports count, says so in its name.

do $$
declare
  renamed text;
begin
  foreach renamed in array array['courses', 'exams'] loop
    execute format('alter view activity.%I rename column mean_score to mean_score_per_message', renamed);
    execute format('alter view activity.%I rename column mean_score_per_attempt to mean_score', renamed);
  end loop;
end
$$;
